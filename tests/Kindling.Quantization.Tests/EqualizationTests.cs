using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Graphs.Passes;

namespace Kindling.Quantization.Tests;

public class EqualizationTests
{
    private const int Side = 64;

    [Theory]
    [InlineData("squeezenet", true)]
    [InlineData("squeezenet", false)]
    [InlineData("mobilenet", true)]
    [InlineData("mobilenet", false)]
    public void The_float_function_stays(string name, bool perChannel)
    {
        var graph = Passes.ForQuantization(name == "squeezenet" ? Networks.SqueezeNet() : Networks.MobileNet());
        var photos = Networks.Photos(8, Side, seed: 4);
        var equalized = Equalize(graph, photos, perChannel);
        Assert.NotSame(graph, equalized);
        Same(graph, equalized, photos);
    }

    [Fact]
    public void Channels_before_a_depthwise_layer_get_the_same_range()
    {
        var b = new GraphBuilder("net", 3);
        var x = b.Conv2D(b.Input("input", 1, Side, Side, 3), 8, 3, stride: 2, activation: Activation.Relu, name: "conv");
        x = b.DepthwiseConv2D(x, 3, name: "depthwise");
        var graph = b.Build(new ModelMetadata(Networks.Preprocessing(Side), []), b.Softmax(b.Dense(b.GlobalAveragePool(x), 5)));
        ScaleRows(graph.Nodes[0].Inputs[1], 1, 0.5f, 0.3f, 0.25f, 0.2f, 0.15f, 0.1f, 0.08f);
        var photos = Networks.Photos(4, Side, seed: 4);
        var equalized = Equalize(Passes.ForQuantization(graph), photos, perChannel: true);
        Same(graph, equalized, photos);
        var largest = Calibrate(equalized, photos).Statistics.Single(s => s.Key.Name.StartsWith("conv", StringComparison.Ordinal)).Value.LargestOfChannels.ToArray();
        Assert.True(largest.Min() > 0.98f * largest.Max(), string.Join(" ", largest));
    }

    [Fact]
    public void The_further_the_balance_favours_activations_the_more_alike_their_channels_and_the_function_stays()
    {
        var graph = Passes.ForQuantization(Networks.SqueezeNet());
        var photos = Networks.Photos(8, Side, seed: 4);
        var seen = Calibrate(graph, photos).Statistics;
        var spreads = new[] { 0f, 0.5f, 0.85f, 1f }.Select(balance =>
        {
            var equalized = CrossLayerEqualization.Run(graph, seen, perChannel: true, balance);
            Same(graph, equalized, photos);
            var largest = Calibrate(equalized, photos).Statistics.Single(s => s.Key.Name == "fire5/squeeze1x1").Value.LargestOfChannels.ToArray();
            return largest.Max() / largest.Where(l => l > 0).Min();
        }).ToList();

        Assert.Equal(spreads.OrderDescending(), spreads);
        Assert.InRange(spreads[^1], 1, 1.02f);
    }

    [Fact]
    public void A_channel_that_reaches_six_behind_a_relu6_keeps_its_scale()
    {
        var graph = Passes.ForQuantization(Networks.MobileNet());
        var photos = Networks.Photos(8, Side, seed: 4);
        var before = Calibrate(graph, photos).Statistics;
        var after = Calibrate(Equalize(graph, photos, perChannel: true), photos).Statistics.ToDictionary(s => s.Key.Name, s => s.Value);
        var clipped = 0;
        foreach (var node in graph.Nodes.Where(n => n.Operator is Conv2D { Activation: Activation.Relu6 } or DepthwiseConv2D { Activation: Activation.Relu6 }))
        {
            var (old, now) = (before[node.Output].LargestOfChannels.ToArray(), after[node.Output.Name].LargestOfChannels.ToArray());
            for (var c = 0; c < old.Length; c++)
            {
                Assert.InRange(now[c], old[c] * 0.999f, Math.Max(old[c] * 1.001f, 4.81f));
                clipped += old[c] >= 6 ? 1 : 0;
            }
        }

        Assert.True(clipped > 0, "no channel reaches 6: the test shows nothing");
    }

    [Fact]
    public void Products_behind_a_relu_go_into_the_weights_signs_included()
    {
        var graph = BatchNormBehindRelu();
        var prepared = Passes.ForQuantization(graph);
        Assert.Contains(prepared.Nodes, n => n.Operator is Multiply);
        var photos = Networks.Photos(4, Side, seed: 6);
        var equalized = Equalize(prepared, photos, perChannel: true);
        Assert.DoesNotContain(equalized.Nodes, n => n.Operator is Multiply);
        Same(graph, equalized, photos);
    }

    [Fact]
    public void Equalization_makes_a_network_with_products_behind_relus_better()
    {
        var graph = BatchNormBehindRelu();
        Assert.True(Snr(true) > Snr(false) + 1, $"{Snr(true):F1} dB against {Snr(false):F1} dB");

        double Snr(bool equalize)
        {
            var token = TestContext.Current.CancellationToken;
            var int8 = PostTrainingQuantizer.Quantize(graph, [Networks.Photos(8, Side, seed: 6)], new QuantizationOptions { Equalize = equalize, NarrowScores = false }, cancellation: token);
            return new FidelityMeter(graph, [new LabelledImages(Networks.Photos(8, Side, seed: 7), new int[8])]).Measure(int8.Graph, token).LogitSignalToNoise;
        }
    }

    private static Graph BatchNormBehindRelu()
    {
        var b = new GraphBuilder("net", 3);
        var x = b.Conv2D(b.Input("input", 1, Side, Side, 3), 8, 3, stride: 2, activation: Activation.Relu, name: "conv");
        x = b.BatchNorm(x, name: "norm");
        x = b.Conv2D(x, 12, 3, activation: Activation.Relu, name: "behind");
        var graph = b.Build(new ModelMetadata(Networks.Preprocessing(Side), []), b.Softmax(b.Dense(b.GlobalAveragePool(x), 5)));
        var norm = graph.Nodes.Single(n => n.Operator is BatchNorm);
        for (var c = 0; c < 8; c++)
        {
            norm.Inputs[1].Constant!.AsSpan<float>()[c] = (c % 3 == 1 ? -1 : 1) * MathF.Pow(2, c - 5);
            norm.Inputs[2].Constant!.AsSpan<float>()[c] = 0.05f * (c - 3);
        }

        return graph;
    }

    private static Calibrator Calibrate(Graph graph, ReadOnlyMemory<float> photos)
    {
        var calibrator = new Calibrator(graph, withHistograms: false, withChannels: true);
        calibrator.Observe([photos], cancellation: TestContext.Current.CancellationToken);
        return calibrator;
    }

    private static Graph Equalize(Graph graph, ReadOnlyMemory<float> photos, bool perChannel) =>
        CrossLayerEqualization.Run(graph, Calibrate(graph, photos).Statistics, perChannel);

    private static void Same(Graph expected, Graph actual, ReadOnlyMemory<float> photos)
    {
        var (a, b) = (Run(expected, photos), Run(actual, photos));
        for (var i = 0; i < a.Length; i++)
            Assert.Equal(a[i], b[i], 2e-4f);
    }

    private static float[] Run(Graph graph, ReadOnlyMemory<float> photos)
    {
        using var executor = Executor.Compile(graph, new ExecutorOptions { Batch = photos.Length / (Side * Side * 3) });
        photos.Span.CopyTo(executor.Input<float>());
        executor.Run();
        return executor.Output<float>().ToArray();
    }

    private static void ScaleRows(Value weights, params float[] factors)
    {
        var values = weights.Constant!.AsSpan<float>();
        for (var i = 0; i < values.Length; i++)
            values[i] *= factors[i / (values.Length / factors.Length)];
    }
}
