using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Graphs.Passes;
using Kindling.Quantization.Estimators;
using Kindling.Quantization.Splitting;

namespace Kindling.Quantization.Tests;

public class ChannelSplittingTests
{
    private const int Side = 64;
    private const string Bottleneck = "fire2/squeeze1x1";

    private static readonly ReadOnlyMemory<float>[] Photos = [Networks.Photos(8, Side, seed: 4)];

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void The_float_function_stays(int pieces)
    {
        var graph = Passes.ForQuantization(Networks.SqueezeNet());
        var result = Quantize(graph, new QuantizationOptions { Splitting = new() { Layers = ["conv1", Bottleneck, "fire7/squeeze1x1"], Pieces = pieces } });
        Assert.Equal(["conv1", Bottleneck, "fire7/squeeze1x1"], result.Splits.Select(s => s.Name));
        Assert.Equal(16 * pieces, result.FloatGraph.Nodes.Single(n => n.Name == Bottleneck).Output.Shape.Channels);
        Assert.Equal(result.Splits.Sum(s => s.AddedMacs), result.FloatGraph.Macs - graph.Macs);
        Assert.Equal(result.Splits.Sum(s => s.AddedParameters), result.FloatGraph.ParameterCount - graph.ParameterCount);
        var (expected, actual) = (Run(graph), Run(result.FloatGraph));
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-5f);
    }

    [Fact]
    public void The_rounding_of_a_split_layer_costs_at_most_a_share_of_one_by_the_square_of_the_pieces()
    {
        var graph = Passes.ForQuantization(Networks.SqueezeNet());
        var path = SplitPath.Find(graph, graph.Nodes.Single(n => n.Name == Bottleneck), out _)!;
        var calibrator = new Calibrator(graph);
        calibrator.Observe(Photos, cancellation: TestContext.Current.CancellationToken);
        var largest = calibrator.Statistics[path.Layer.Output].Range.Max;
        var histograms = ChannelHistograms.Of(graph, new Dictionary<Value, float> { [path.Layer.Output] = largest }, Photos, 1, TestContext.Current.CancellationToken)[path.Layer.Output];
        var noise = new RoundingNoise(graph, Photos, 8, 1, TestContext.Current.CancellationToken);
        var whole = noise.Of(graph, new Dictionary<Value, Tensors.Quantization> { [path.Layer.Output] = AffineQuantization.Asymmetric(new ActivationRange(0, largest)) });
        for (var pieces = 2; pieces <= 4; pieces++)
        {
            var ends = Enumerable.Range(0, 16).Select(c => ChannelPieces.Cut(histograms.Counts(c), histograms.Bin, histograms.Largest(c) > 0 ? histograms.Largest(c) : 1, pieces)).ToArray();
            var split = ChannelSplitter.Run(graph, path, ends);
            var output = split.Nodes.Single(n => n.Name == Bottleneck).Output;
            var left = noise.Of(split, new Dictionary<Value, Tensors.Quantization> { [output] = AffineQuantization.Asymmetric(ChannelSplitter.Range) });
            // One part in five is left to chance.
            Assert.InRange(left / whole * pieces * pieces, 0.01, 1.2);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_pieces_of_a_channel_have_the_same_int8_weights(bool adaptive)
    {
        var options = new QuantizationOptions { AdaptiveRounding = adaptive, Equalize = adaptive, Splitting = new() { Layers = ["conv1", Bottleneck], Pieces = 3 } };
        var graph = Quantize(Networks.SqueezeNet(), options).Graph;
        foreach (var name in new[] { "conv1", Bottleneck })
        {
            var node = graph.Nodes.Single(n => n.Name == name);
            var weights = node.Inputs[1].Constant!.AsSpan<sbyte>();
            var third = weights.Length / 3;
            Assert.Equal(weights[..third], weights.Slice(third, third));
            Assert.Equal(weights[..third], weights[(2 * third)..]);
            Assert.Equal(6 / 255f, node.Output.Quantization!.Scale, 1e-6f);
            Assert.Equal(-128, node.Output.Quantization.ZeroPoint);
        }
    }

    [Fact]
    public void Every_estimator_leaves_the_pieces_their_whole_range()
    {
        foreach (var method in Enum.GetValues<CalibrationMethod>())
        {
            var graph = Quantize(Networks.SqueezeNet(), new QuantizationOptions { RangeEstimator = method.Estimator(), Splitting = new() { Layers = ["conv1"] } }).Graph;
            foreach (var value in graph.Nodes.Select(n => n.Output).Where(v => v.Name.EndsWith("_split", StringComparison.Ordinal)))
                Assert.Equal(6 / 255f, value.Quantization!.Scale, 1e-6f);
        }
    }

    [Theory]
    [InlineData("fire2/expand1x1", "concatenated")]
    [InlineData("conv10", "readers")]
    [InlineData("pool1", "MAX_POOL_2D")]
    [InlineData("fire22/squeeze1x1", "fire2/squeeze1x1")]
    public void What_cannot_be_split_is_refused_by_name(string layer, string reason)
    {
        var graph = Networks.SqueezeNet();
        var name = graph.Nodes.Any(n => n.Name == layer) || layer.StartsWith("fire22", StringComparison.Ordinal)
            ? layer : graph.Nodes.First(n => n.Operator is MaxPool2D).Name;
        var e = Assert.Throws<KindlingException>(() => Quantize(graph, new QuantizationOptions { Splitting = new() { Layers = [name] } }));
        Assert.Contains(name, e.Message, StringComparison.Ordinal);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Layers_before_depthwise_convolutions_and_without_a_relu_are_refused()
    {
        var mobile = Passes.ForQuantization(Networks.MobileNet());
        var first = mobile.Nodes.First(n => n.Operator is Conv2D);
        Assert.Null(SplitPath.Find(mobile, first, out var reason));
        Assert.Contains("depthwise", reason, StringComparison.Ordinal);

        var b = new GraphBuilder("net", 3);
        var x = b.Conv2D(b.Conv2D(b.Input("input", 1, 8, 8, 3), 4, 3, name: "linear"), 4, 1, activation: Activation.Relu);
        var graph = b.Build(new ModelMetadata(Networks.Preprocessing(8), []), b.Softmax(b.Dense(b.GlobalAveragePool(x), 5)));
        Assert.Null(SplitPath.Find(graph, graph.Nodes.Single(n => n.Name == "linear"), out reason));
        Assert.Contains("ReLU", reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void A_number_of_pieces_out_of_bounds_is_refused(int pieces)
    {
        var e = Assert.Throws<KindlingException>(() => Quantize(Networks.SqueezeNet(), new QuantizationOptions { Splitting = new() { Pieces = pieces } }));
        Assert.Contains("allowed are 2 to 4", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_layers_chosen_make_noise_and_keep_within_the_growth_allowed()
    {
        var graph = Networks.SqueezeNet();
        var all = Quantize(graph, new QuantizationOptions { Splitting = new() { MostGrowth = 10 } }).Splits;
        var some = Quantize(graph, new QuantizationOptions { Splitting = new() { MostGrowth = 0.15 } }).Splits;
        Assert.NotEmpty(some);
        Assert.True(some.Count < all.Count, $"{some.Count} of {all.Count}: the limit does nothing");
        Assert.True(some.Sum(s => s.AddedMacs) <= 0.15 * graph.Macs);
        Assert.Empty(Quantize(graph, new QuantizationOptions { Splitting = new() { MostGrowth = 1e-6 } }).Splits);
    }

    [Fact]
    public void A_bottleneck_of_wide_range_is_chosen_before_one_of_narrow_range()
    {
        var b = new GraphBuilder("net", 3);
        var x = b.Conv2D(b.Input("input", 1, Side, Side, 3), 8, 3, stride: 2, activation: Activation.Relu6, name: "first");
        x = b.Conv2D(x, 4, 1, activation: Activation.Relu, name: "wide");
        x = b.Conv2D(x, 16, 1, activation: Activation.Relu, name: "behind");
        var graph = b.Build(new ModelMetadata(Networks.Preprocessing(Side), []), b.Softmax(b.Dense(b.GlobalAveragePool(x), 5)));
        // One channel of the bottleneck is a hundred times as large as the others, and what reads it makes them equal again.
        var (wide, behind) = (graph.Nodes.Single(n => n.Name == "wide"), graph.Nodes.Single(n => n.Name == "behind"));
        foreach (ref var w in wide.Inputs[1].Constant!.AsSpan<float>()[..8])
            w *= 100;
        var readers = behind.Inputs[1].Constant!.AsSpan<float>();
        for (var i = 0; i < readers.Length; i += 4)
            readers[i] /= 100;
        var options = new QuantizationOptions { Splitting = new() { MostGrowth = (graph.Nodes.Single(n => n.Name == "wide").Macs + behind.Macs) / (double)graph.Macs } };
        Assert.Equal(["wide"], Quantize(graph, options).Splits.Select(s => s.Name));
    }

    [Fact]
    public void Cuts_of_evenly_spread_values_are_even_and_those_of_decaying_ones_the_best_that_are_not_too_narrow()
    {
        var even = ChannelPieces.Cut(Enumerable.Repeat(100L, 256).ToArray(), 1 / 256f, 1, 4);
        Assert.Equal([0.25f, 0.5f, 0.75f, 1], even);

        var decaying = Enumerable.Range(0, 256).Select(i => (long)(1e6 * Math.Exp(-i / 90.0))).ToArray();
        var cut = ChannelPieces.Cut(decaying, 1 / 256f, 1, 2);
        var best = Enumerable.Range(20, 21).MinBy(g => Noise(decaying, g / 60.0));
        Assert.Equal([best / 60f, 1], cut);

        static double Noise(long[] counts, double at) =>
            counts.Select((n, i) => n * ((i + 0.5) / 256 < at ? at * at : (1 - at) * (1 - at))).Sum();
    }

    [Fact]
    public void The_rounding_of_activations_costs_less_in_the_int8_network()
    {
        var plain = Ratio(null);
        var split = Ratio(new() { MostGrowth = 10 });
        Assert.True(split > plain + 1, $"{plain:F2} dB before, {split:F2} dB with pieces");

        // Against the float network of the same weights, so that nothing but the rounding of activations counts.
        double Ratio(ChannelSplittingOptions? splitting)
        {
            var int8 = Quantize(Networks.SqueezeNet(), new QuantizationOptions { NarrowScores = false, Splitting = splitting }).Graph;
            return new FidelityMeter(FloatTwin.Of(int8), [new LabelledImages(Photos[0], new int[8])], 1).Measure(int8, TestContext.Current.CancellationToken).LogitSignalToNoise;
        }
    }

    [Fact]
    public void Layer_by_layer_comparison_leaves_split_activations_out()
    {
        var graph = Networks.SqueezeNet();
        var int8 = Quantize(graph, new QuantizationOptions { Splitting = new() { Layers = [Bottleneck] } }).Graph;
        var names = LayerComparison.Run(graph, int8, Photos, 1, cancellation: TestContext.Current.CancellationToken).Select(l => l.Name).ToList();
        Assert.DoesNotContain(names, n => n.StartsWith(Bottleneck, StringComparison.Ordinal));
        Assert.Contains("fire3/squeeze1x1", names);
    }

    [Fact]
    public void One_weight_scale_a_layer_is_refused()
    {
        var e = Assert.Throws<KindlingException>(() => Quantize(Networks.SqueezeNet(), new QuantizationOptions { PerChannel = false, Splitting = new() }));
        Assert.Contains("each output channel", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_search_tries_it_last()
    {
        var graph = Networks.SqueezeNet();
        var options = new QuantizationOptions { Splitting = new() { MostGrowth = 10 }, TuningImages = 4, Threads = 1 };
        var held = new[] { new LabelledImages(Networks.Photos(8, Side, seed: 9), new int[8]) };
        var trials = QuantizationSearch.Run(graph, Photos, held, options, cancellation: TestContext.Current.CancellationToken).Trials;
        Assert.EndsWith(" + split channels", trials[^1].Method, StringComparison.Ordinal);
        Assert.All(trials.SkipLast(1), t => Assert.Null(t.Options.Splitting));
    }

    private static QuantizationResult Quantize(Graph graph, QuantizationOptions options) => PostTrainingQuantizer.Quantize(
        graph, Photos, options with { Threads = 1 }, cancellation: TestContext.Current.CancellationToken);

    private static float[] Run(Graph graph)
    {
        using var run = new BatchRunner(graph, 1);
        return [.. run.Run(Photos[0], BatchRunner.CopyFloats).SelectMany(count => run.Floats(graph.Outputs[0], count).ToArray())];
    }
}
