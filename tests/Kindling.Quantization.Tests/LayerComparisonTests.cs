using Kindling.Graphs;
using Kindling.Numerics;

namespace Kindling.Quantization.Tests;

public class LayerComparisonTests
{
    private const int Side = 64;

    [Theory]
    [InlineData("squeezenet")]
    [InlineData("mobilenet")]
    public void An_equalized_network_is_compared_in_its_own_units(string name)
    {
        var graph = name == "squeezenet" ? Networks.SqueezeNet(Side) : Networks.MobileNet(Side);
        var result = PostTrainingQuantizer.Quantize(
            graph, [Networks.Photos(12, Side, seed: 1)], new QuantizationOptions { Equalize = true, Threads = 1 }, cancellation: TestContext.Current.CancellationToken);
        var asTrained = Compare(graph, result.Graph);
        var asEqualized = Compare(result.FloatGraph, result.Graph).ToDictionary(l => l.Name);

        Assert.Contains(asTrained, l => l.IsRescaled);
        Assert.All(asEqualized.Values, l => Assert.False(l.IsRescaled, l.Name));
        Assert.All(asTrained, l => Assert.True(l.SignalToNoise > 15, $"{l.Name}: {l.SignalToNoise:F1} dB"));
        Assert.InRange(asTrained.Average(l => l.SignalToNoise) - asEqualized.Values.Average(l => l.SignalToNoise), -3, 3);
    }

    [Fact]
    public void Without_equalization_no_layer_is_rescaled()
    {
        var graph = Networks.MobileNet(Side);
        var result = PostTrainingQuantizer.Quantize(
            graph, [Networks.Photos(12, Side, seed: 1)], new QuantizationOptions { Threads = 1 }, cancellation: TestContext.Current.CancellationToken);

        Assert.All(Compare(graph, result.Graph), l => Assert.False(l.IsRescaled, l.Name));
    }

    [Fact]
    public void A_channel_that_was_lost_is_not_taken_for_a_scaled_one()
    {
        var scaling = Observe((c, x) => c switch { 0 => 3 * x, 1 => 0, _ => -0.5 * x });

        Assert.Equal([3f, 1f, -0.5f], scaling.Factors()!.Select(f => MathF.Round(f, 1)));
    }

    [Fact]
    public void A_scaled_channel_of_few_steps_is_known_as_one()
    {
        var scaling = Observe((c, x) => c == 0 ? 50 * x : x, channelOf: (c, x) => c == 0 ? x / 1000 : x);

        Assert.InRange(scaling.Factors()![0], 40, 60);
    }

    [Fact]
    public void Rounding_clipping_and_an_error_of_a_few_percent_are_no_scaling()
    {
        Assert.Null(Observe((_, x) => x).Factors());
        Assert.Null(Observe((_, x) => Math.Min(x, 30)).Factors());
        Assert.Null(Observe((c, x) => c == 0 ? 0.5 * x : x).Factors());
        Assert.Null(Observe((c, x) => (1 + (0.05 * c)) * x).Factors());
    }

    private static IReadOnlyList<LayerDifference> Compare(Graph floats, Graph int8) =>
        LayerComparison.Run(floats, int8, [Networks.Photos(5, Side, seed: 78)], threads: 1, cancellation: TestContext.Current.CancellationToken);

    // Three channels of 0 to 40 as bytes that stand for -128 to 127.
    private static ChannelScaling Observe(Func<int, double, double> int8Of, Func<int, float, float>? channelOf = null)
    {
        const int channels = 3;
        var random = new RandomStream(5);
        var expected = new float[channels * 200];
        var actual = new byte[expected.Length];
        for (var i = 0; i < expected.Length; i++)
        {
            expected[i] = random.NextSingle(0, 40);
            expected[i] = channelOf?.Invoke(i % channels, expected[i]) ?? expected[i];
            actual[i] = (byte)(Math.Clamp(Math.Round(int8Of(i % channels, expected[i])), -128, 127) + 128);
        }

        var scaling = new ChannelScaling(channels, step: 1);
        scaling.Observe(expected, actual, [.. Enumerable.Range(0, 256).Select(b => b - 128.0)]);
        return scaling;
    }
}
