using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Numerics;
using Kindling.Quantization.Rounding;

namespace Kindling.Quantization.Tests;

public class LayerTuningTests
{
    private const int Side = 64;

    [Fact]
    public void Adaptive_rounding_finds_the_rounding_with_the_smallest_output_error_of_a_small_layer()
    {
        var random = new RandomStream(5);
        const int n = 8;
        for (var trial = 0; trial < 20; trial++)
        {
            var (weights, moments) = (new float[n], RandomMoments(ref random, n));
            foreach (ref var w in weights.AsSpan())
                w = random.NextSingle(-10, 10);
            var target = Multiply(moments, weights);
            var nearest = weights.Select(w => (sbyte)MathF.Round(w)).ToArray();
            var chosen = nearest.ToArray();
            AdaptiveRounding.Solve(weights, 1, moments, target, chosen);
            Assert.All(Enumerable.Range(0, n), k => Assert.InRange(chosen[k], MathF.Floor(weights[k]), MathF.Ceiling(weights[k])));

            var best = Enumerable.Range(0, 1 << n).Min(bits => Error([.. weights.Select((w, k) => MathF.Floor(w) + ((bits >> k) & 1))], weights, moments));
            var own = Error([.. chosen.Select(v => (float)v)], weights, moments);
            Assert.True(own <= Error([.. nearest.Select(v => (float)v)], weights, moments) + 1e-3);
            // One flip at a time finds a minimum that no single flip improves, never far from the best of all.
            Assert.True(own <= (4 * best) + 1, $"{own} against {best}");
        }
    }

    [Fact]
    public void Adaptive_rounding_brings_each_layers_output_nearer_than_nearest_rounding()
    {
        var graph = Networks.SqueezeNet();
        var nearest = ScoresDivergence(graph, new QuantizationOptions { BiasCorrection = true, Threads = 1 });
        var adaptive = ScoresDivergence(graph, new QuantizationOptions { AdaptiveRounding = true, Threads = 1 });
        Assert.True(adaptive.FirstLayer >= nearest.FirstLayer, $"first layer {adaptive.FirstLayer:F2} dB against {nearest.FirstLayer:F2} dB");
        Assert.True(adaptive.Mean > nearest.Mean, $"all layers {adaptive.Mean:F2} dB against {nearest.Mean:F2} dB");
    }

    [Theory]
    [InlineData("squeezenet")]
    [InlineData("mobilenet")]
    public void Bias_correction_takes_the_mean_error_of_channels_out(string name)
    {
        var graph = name == "squeezenet" ? Networks.SqueezeNet() : Networks.MobileNet();
        var plain = MeanErrors(graph, new QuantizationOptions { Threads = 1 });
        var corrected = MeanErrors(graph, new QuantizationOptions { BiasCorrection = true, Threads = 1 });
        Assert.True(corrected < 0.5 * plain, $"mean errors {corrected:G3} with correction, {plain:G3} without");
    }

    [Fact]
    public void Tuned_constants_do_not_depend_on_threads_or_batches()
    {
        var graph = Networks.MobileNet();
        var photos = Networks.Photos(6, Side, seed: 3);
        var sample = Side * Side * 3;
        var options = new QuantizationOptions { AdaptiveRounding = true, Equalize = true, Threads = 1 };
        var token = TestContext.Current.CancellationToken;
        var one = PostTrainingQuantizer.Quantize(graph, [photos], options, cancellation: token);
        var two = PostTrainingQuantizer.Quantize(graph, [photos[..(4 * sample)], photos[(4 * sample)..]], options with { Threads = 2 }, cancellation: token);
        foreach (var (a, b) in one.Graph.Constants.Zip(two.Graph.Constants))
            Assert.Equal(a.Constant!.Bytes.ToArray(), b.Constant!.Bytes.ToArray());
    }

    [Fact]
    public void Tuned_networks_keep_to_the_specification() =>
        Specification.Check(Quantize(Networks.MobileNet(), new QuantizationOptions { AdaptiveRounding = true, Equalize = true }).Graph);

    private static QuantizationResult Quantize(Graph graph, QuantizationOptions options) =>
        PostTrainingQuantizer.Quantize(graph, [Networks.Photos(12, Side, seed: 1)], options, cancellation: TestContext.Current.CancellationToken);

    private static (double FirstLayer, double Mean) ScoresDivergence(Graph graph, QuantizationOptions options)
    {
        var layers = LayerComparison.Run(graph, Quantize(graph, options).Graph, [Networks.Photos(8, Side, seed: 77)], 1, cancellation: TestContext.Current.CancellationToken);
        return (layers[1].SignalToNoise, layers.Skip(1).Average(l => l.SignalToNoise));
    }

    /// <summary>Mean over all layers of the channels' mean error, as a share of the layer's mean magnitude.</summary>
    private static double MeanErrors(Graph graph, QuantizationOptions options)
    {
        var result = Quantize(graph, options);
        var photos = Networks.Photos(12, Side, seed: 1);
        using var floats = new BatchRunner(result.FloatGraph, 1);
        using var integers = new BatchRunner(result.Graph, 1);
        var encoder = new Execution.InputEncoder(result.Graph.Inputs[0], graph.Metadata.Preprocessing);
        var count = floats.Run(photos, BatchRunner.CopyFloats).Single();
        Assert.Equal(count, integers.Run(photos, (input, values) => encoder.EncodeValues(values.Span, input)).Single());
        var shares = new List<double>();
        foreach (var node in result.FloatGraph.Nodes.Where(n => n.Operator is Conv2D or DepthwiseConv2D or Dense))
        {
            var int8 = result.Graph.Nodes.Single(n => n.Output.Name == node.Output.Name).Output;
            var (expected, actual) = (floats.Floats(node.Output, count).ToArray(), integers.Bytes(int8, count).ToArray());
            var channels = node.Output.Shape.Channels;
            var errors = new double[channels];
            double magnitude = 0;
            for (var i = 0; i < expected.Length; i++)
            {
                errors[i % channels] += expected[i] - (((sbyte)actual[i] - int8.Quantization!.ZeroPoint) * int8.Quantization.Scale);
                magnitude += Math.Abs(expected[i]);
            }

            shares.Add(errors.Sum(Math.Abs) / magnitude);
        }

        return shares.Average();
    }

    private static float[] RandomMoments(ref RandomStream random, int n)
    {
        const int patches = 12;
        var moments = new float[n * n];
        for (var p = 0; p < patches; p++)
        {
            var shared = random.NextSingle(-1, 1);
            var x = new float[n];
            foreach (ref var v in x.AsSpan())
                v = shared + random.NextSingle(-1, 1);
            for (var i = 0; i < n * n; i++)
                moments[i] += x[i / n] * x[i % n];
        }

        return moments;
    }

    private static float[] Multiply(float[] matrix, float[] vector) =>
        [.. vector.Select((_, i) => Enumerable.Range(0, vector.Length).Sum(j => matrix[(i * vector.Length) + j] * vector[j]))];

    private static double Error(float[] rounded, float[] weights, float[] moments)
    {
        var difference = rounded.Zip(weights, (a, b) => a - b).ToArray();
        return Multiply(moments, difference).Zip(difference, (a, b) => (double)a * b).Sum();
    }
}
