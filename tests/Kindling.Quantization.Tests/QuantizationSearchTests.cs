using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Quantization.Estimators;

namespace Kindling.Quantization.Tests;

public class QuantizationSearchTests
{
    private const int Side = 64;

    [Fact]
    public void The_search_tries_every_calibration_and_each_refinement_and_keeps_the_smallest_divergence()
    {
        var result = Search(Networks.MobileNet());
        Assert.Equal("tflite", result.Trials[0].Method);
        foreach (var method in Enum.GetValues<CalibrationMethod>())
            Assert.Contains(result.Trials, t => t.Method == method.Name());
        Assert.Contains(result.Trials, t => t.Method.EndsWith("+ bias-correction", StringComparison.Ordinal));
        Assert.Contains(result.Trials, t => t.Method.EndsWith("+ equalize", StringComparison.Ordinal));
        Assert.Contains(result.Trials, t => t.Method.EndsWith("+ adaround", StringComparison.Ordinal));
        Assert.Contains(result.Trials, t => t.Options is { Equalize: true, BiasCorrection: true, AdaptiveRounding: true, RangeEstimator: MeanSquaredErrorEstimator });

        var chosen = result.Trials[result.Chosen];
        Assert.All(result.Trials, t => Assert.True(t.Fidelity.Divergence >= 0.9 * chosen.Fidelity.Divergence, $"{t.Method} is better than {chosen.Method}"));
        Assert.True(chosen.Fidelity.Divergence < result.Trials[0].Fidelity.Divergence);
    }

    [Fact]
    public void The_network_kept_is_the_one_that_was_measured()
    {
        var graph = Networks.SqueezeNet();
        var result = Search(graph);
        Assert.Equal(result.Trials[result.Chosen].Fidelity, Meter(graph).Measure(result.Best.Graph, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Fidelity_is_perfect_for_equal_answers_and_counts_labels()
    {
        // A network whose scores are exact in 8 bits: constants 0 to 4 from the bias of the last layer.
        var b = new GraphBuilder("net", 3);
        var x = b.GlobalAveragePool(b.Input("input", 1, Side, Side, 3));
        var graph = b.Build(new ModelMetadata(Networks.Preprocessing(Side), []), b.Softmax(b.Dense(x, 5)));
        var dense = graph.Nodes.Single(n => n.Operator is Dense);
        dense.Inputs[1].Constant!.Bytes.Clear();
        for (var c = 0; c < 5; c++)
            dense.Inputs[2].Constant!.AsSpan<float>()[c] = c;
        var token = TestContext.Current.CancellationToken;
        var int8 = PostTrainingQuantizer.Quantize(graph, [Networks.Photos(2, Side, 1)], cancellation: token).Graph;
        var fidelity = new FidelityMeter(graph, [new LabelledImages(Networks.Photos(4, Side, 2), new[] { 4, 4, 1, 4 })]).Measure(int8, token);
        Assert.Equal(4, fidelity.Images);
        Assert.Equal(0.75, fidelity.Top1);
        Assert.Equal(0.75, fidelity.FloatTop1);
        Assert.Equal(1, fidelity.Agreement);
        Assert.True(fidelity.LogitSignalToNoise > 40);
        Assert.InRange(fidelity.Divergence, 0, 1e-4);
    }

    [Fact]
    public void Without_held_out_images_nothing_can_be_compared() => Assert.Contains(
        "no image",
        Assert.Throws<KindlingException>(() => QuantizationSearch.Run(Networks.MobileNet(), [Networks.Photos(1, Side, 1)], [], cancellation: TestContext.Current.CancellationToken)).Message,
        StringComparison.Ordinal);

    private static QuantizationSearchResult Search(Graph graph) => QuantizationSearch.Run(
        graph, [Networks.Photos(8, Side, seed: 1)], [HeldOut()], new QuantizationOptions { TuningImages = 8 }, cancellation: TestContext.Current.CancellationToken);

    private static FidelityMeter Meter(Graph graph) => new(graph, [HeldOut()]);

    private static LabelledImages HeldOut() => new(Networks.Photos(12, Side, seed: 2), new int[12]);
}
