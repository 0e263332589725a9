using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Quantization.FineTuning;
using Kindling.Training;

namespace Kindling.Quantization.Tests;

public class FineTuningTests
{
    private const int Side = 64;

    [Fact]
    public void The_network_that_is_trained_computes_what_the_int8_network_computes()
    {
        var graph = Networks.MobileNet();
        var options = new QuantizationOptions { Threads = 1, NarrowScores = false };
        var photos = Networks.Photos(8, Side, seed: 1);
        var int8 = PostTrainingQuantizer.Quantize(graph, [photos], options, cancellation: TestContext.Current.CancellationToken);
        var network = new FakeQuantizedNetwork(int8.FloatGraph, int8.Activations.ToDictionary(a => a.Name, a => a.Quantization), options);
        using var pool = new WorkerPool(1);
        using var plan = TrainingPlan.Compile(network.Trained, new TrainingPlanOptions { Batch = 8, SeenWeights = network.Show }, pool);
        photos.Span.CopyTo(plan.Images);
        plan.Labels.Clear();
        var trained = plan.Run().Loss;

        var softmax = int8.Graph.Nodes.Single(n => n.Operator is Softmax);
        var q = softmax.Inputs[0].Quantization!;
        using var run = new BatchRunner(int8.Graph, 1);
        var encoder = new InputEncoder(int8.Graph.Inputs[0], graph.Metadata.Preprocessing);
        var count = run.Run(photos, (input, values) => encoder.EncodeValues(values.Span, input)).Single();
        var scores = run.Bytes(softmax.Inputs[0], count).ToArray().Select(b => (double)((sbyte)b - q.ZeroPoint) * q.Scale).Chunk(5);
        var integers = scores.Average(s => Math.Log(s.Sum(Math.Exp)) - s[0]);
        Assert.Equal(integers, trained, 0.05);
    }

    [Fact]
    public void Fine_tuning_makes_a_hard_case_better_than_quantizing_after_training()
    {
        var graph = WithUnevenDepthwiseLayers(Networks.MobileNet());
        var options = new QuantizationOptions { PerChannel = false, Threads = 2 };
        var photos = Networks.Photos(16, Side, seed: 1);
        var token = TestContext.Current.CancellationToken;
        var after = PostTrainingQuantizer.Quantize(graph, [photos], options, cancellation: token);
        var tuned = QuantizationAwareTrainer.Run(graph, [photos], new Source(Side), new FineTuningOptions { Epochs = 8, LearningRate = 3e-4f }, options, cancellation: token);
        var meter = new FidelityMeter(graph, [new LabelledImages(Networks.Photos(32, Side, seed: 99), new int[32])]);
        var (before, now) = (meter.Measure(after.Graph, token), meter.Measure(tuned.Graph, token));
        Assert.True(before.Divergence > 0.02, $"divergence {before.Divergence:F4}: not a hard case");
        Assert.True(now.Divergence < before.Divergence, $"divergence {now.Divergence:F4} after fine-tuning, {before.Divergence:F4} before");
    }

    [Fact]
    public void Weights_are_shown_rounded_to_the_steps_of_their_channel()
    {
        var graph = Networks.MobileNet();
        var options = new QuantizationOptions { Threads = 1 };
        var int8 = PostTrainingQuantizer.Quantize(graph, [Networks.Photos(2, Side, seed: 1)], options, cancellation: TestContext.Current.CancellationToken);
        var network = new FakeQuantizedNetwork(int8.FloatGraph, int8.Activations.ToDictionary(a => a.Name, a => a.Quantization), options);
        foreach (var node in network.Plain.Nodes.Where(n => n.Inputs.Count == 3))
        {
            var weights = node.Inputs[1];
            var shown = weights.Constant!.AsSpan<float>().ToArray();
            network.Show(weights, shown);
            var int8Weights = int8.Graph.Constants.Single(c => c.Name == weights.Name);
            var (values, q) = (int8Weights.Constant!.AsSpan<sbyte>().ToArray(), int8Weights.Quantization!);
            var channels = q.Scales.Count;
            var inner = channels == 1 ? values.Length : weights.Shape.Skip(q.Axis + 1).Aggregate(1, (p, d) => p * d);
            for (var i = 0; i < values.Length; i++)
                Assert.Equal(values[i] * q.Scales[i / inner % channels], shown[i], 0.02f * q.Scales[i / inner % channels]);
        }
    }

    [Fact]
    public void Fine_tuning_leaves_the_float_network_as_it_was()
    {
        var graph = Networks.MobileNet();
        var before = graph.Constants.Select(c => c.Constant!.Bytes.ToArray()).ToList();
        QuantizationAwareTrainer.Run(
            graph, [Networks.Photos(4, Side, seed: 1)], new Source(Side), new FineTuningOptions { Epochs = 1 }, new QuantizationOptions { Equalize = true },
            cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(before, graph.Constants.Select(c => c.Constant!.Bytes.ToArray()));
    }

    // Filters from 1 to 1/128 in one layer: one scale for all of them leaves the small ones hardly a step, as MobileNet's own training often does.
    private static Graph WithUnevenDepthwiseLayers(Graph graph)
    {
        foreach (var node in graph.Nodes.Where(n => n.Operator is DepthwiseConv2D))
        {
            var norm = graph.Consumers(node.Output).Single();
            var pointwise = graph.Consumers(graph.Consumers(norm.Output).Single().Output).Single();
            var weights = pointwise.Inputs[1].Constant!.AsSpan<float>();
            var channels = norm.Output.Shape.Channels;
            for (var c = 0; c < channels; c++)
            {
                var factor = MathF.Pow(2, -(c % 8));
                norm.Inputs[1].Constant!.AsSpan<float>()[c] *= factor;
                norm.Inputs[2].Constant!.AsSpan<float>()[c] *= factor;
                norm.Inputs[3].Constant!.AsSpan<float>()[c] = 0;
                for (var i = c; i < weights.Length; i += channels)
                    weights[i] /= factor;
            }
        }

        return graph;
    }

    [Fact]
    public void Split_channels_are_refused()
    {
        var options = new QuantizationOptions { Splitting = new() };
        var e = Assert.Throws<KindlingException>(() => QuantizationAwareTrainer.Run(
            Networks.SqueezeNet(Side), [Networks.Photos(4, Side, seed: 1)], new Source(Side), new FineTuningOptions { Epochs = 1 }, options,
            cancellation: TestContext.Current.CancellationToken));
        Assert.Contains("split", e.Message, StringComparison.Ordinal);
    }

    private sealed class Source(int side) : ITrainingSource
    {
        public int BatchSize => 16;

        public int StepsPerEpoch => 6;

        public void Fill(int epoch, int step, Span<float> images, Span<int> labels)
        {
            Networks.Photos(BatchSize, side, seed: 1000 + step).Span.CopyTo(images);
            labels.Clear();
        }
    }
}
