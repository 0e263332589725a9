using System.Runtime.InteropServices;
using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Quantization.Tests;

public class PostTrainingQuantizerTests
{
    private const int Side = 64;

    public static TheoryData<string> NetworkNames => ["squeezenet", "mobilenet"];

    [Theory]
    [MemberData(nameof(NetworkNames))]
    public void Every_node_keeps_to_the_specification(string name)
    {
        var result = Quantize(Network(name));
        Specification.Check(result.Graph);
        Assert.Equal(ElementType.UInt8, result.Graph.Inputs[0].Type);
        Assert.Equal(127, result.Graph.Inputs[0].Quantization!.ZeroPoint);
        Assert.Equal(-1, result.Graph.Nodes[0].Output.Quantization!.ZeroPoint);
        Assert.Equal(ElementType.Float32, result.Graph.Outputs[0].Type);
        Assert.IsType<Dequantize>(result.Graph.Nodes[^1].Operator);
        Assert.Equal(16, result.Images);
    }

    [Theory]
    [MemberData(nameof(NetworkNames))]
    public void Name_preprocessing_and_classes_stay(string name)
    {
        var graph = Network(name);
        var result = Quantize(graph);
        Assert.Equal(graph.Name, result.Graph.Name);
        Assert.Same(graph.Metadata, result.Graph.Metadata);
    }

    [Fact]
    public void Int8_weights_of_mobilenet_take_the_published_bytes()
    {
        var result = Quantize(Networks.MobileNet());
        // 214.69 KiB on the card of the 5-class network.
        Assert.Equal(219_844, GraphSummary.Of(result.Graph).WeightBytes);
    }

    [Fact]
    public void Int8_weights_of_squeezenet_take_the_published_bytes()
    {
        var result = Quantize(Networks.SqueezeNet());
        Assert.Equal(716.71, GraphSummary.Of(result.Graph).WeightBytes / 1024.0, 0.01);
    }

    [Fact]
    public void Concatenations_copy_nothing()
    {
        var result = Quantize(Networks.SqueezeNet());
        var plan = MemoryPlanner.Plan(result.Graph);
        var concats = result.Graph.Nodes.Where(n => n.Operator is Concat).ToList();
        Assert.Equal(8, concats.Count);
        Assert.All(concats, n => Assert.Contains(n, plan.SkippedNodes));
    }

    [Theory]
    [MemberData(nameof(NetworkNames))]
    public void The_int8_network_answers_as_the_float_network(string name)
    {
        var graph = Network(name);
        var result = Quantize(graph);
        var photos = Networks.Photos(32, Side, seed: 77);
        var expected = Run(graph, photos, 32);
        var actual = Run(result.Graph, photos, 32);

        double signal = 0, noise = 0;
        var same = 0;
        for (var n = 0; n < 32; n++)
        {
            var e = expected.AsSpan(n * 5, 5);
            var a = actual.AsSpan(n * 5, 5);
            for (var c = 0; c < 5; c++)
            {
                signal += e[c] * e[c];
                noise += (e[c] - a[c]) * (e[c] - a[c]);
            }

            if (IndexOfMax(e) == IndexOfMax(a))
                same++;
        }

        Assert.True(10 * Math.Log10(signal / noise) > 20, $"output SNR {10 * Math.Log10(signal / noise):F1} dB");
        Assert.True(same >= 28, $"{same} of 32 photos keep their class");
    }

    [Theory]
    [MemberData(nameof(NetworkNames))]
    public void Every_layer_follows_its_float_counterpart(string name)
    {
        var graph = Network(name);
        var result = Quantize(graph);
        var layers = LayerComparison.Run(
            graph, result.Graph, [Networks.Photos(5, Side, seed: 78)], threads: 1, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal("input", layers[0].Name);
        Assert.Equal(result.FloatGraph.Nodes.Count + 1, layers.Count);
        Assert.All(layers, l => Assert.True(l.SignalToNoise > 15, $"{l.Name}: {l.SignalToNoise:F1} dB"));
        Assert.All(layers, l => Assert.InRange(l.SaturatedShare, 0, 0.02));
    }

    [Theory]
    [InlineData(ElementType.UInt8, ElementType.UInt8)]
    [InlineData(ElementType.Int8, ElementType.Int8)]
    [InlineData(ElementType.Float32, ElementType.Float32)]
    [InlineData(ElementType.Int8, ElementType.Float32)]
    public void Input_and_output_have_the_types_asked_for_and_the_same_answer(ElementType input, ElementType output)
    {
        var graph = Networks.MobileNet();
        var photos = Networks.Photos(3, Side, seed: 5);
        var reference = Run(Quantize(graph).Graph, photos, 3);
        var other = Quantize(graph, new QuantizationOptions { InputType = input, OutputType = output, Threads = 1 }).Graph;
        Assert.Equal(input, other.Inputs[0].Type);
        Assert.Equal(output, other.Outputs[0].Type);
        // A float input is rounded to the zero point 127 instead of 127.5, so only the 8-bit inputs agree exactly.
        var tolerance = input == ElementType.Float32 ? 0.08f : 0;
        foreach (var (a, b) in reference.Zip(Run(other, photos, 3)))
            Assert.Equal(a, b, tolerance);
    }

    [Fact]
    public void Batches_of_any_size_calibrate_alike()
    {
        var graph = Networks.MobileNet();
        var photos = Networks.Photos(7, Side, seed: 3);
        var sample = Side * Side * 3;
        var whole = PostTrainingQuantizer.Quantize(graph, [photos], cancellation: TestContext.Current.CancellationToken);
        var pieces = PostTrainingQuantizer.Quantize(
            graph, [photos[..(2 * sample)], photos.Slice(2 * sample, sample), photos[(3 * sample)..]], new QuantizationOptions { Threads = 2 },
            cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(whole.Images, pieces.Images);
        Assert.Equal(whole.Activations, pieces.Activations);
        foreach (var (a, b) in whole.Graph.Constants.Zip(pieces.Graph.Constants))
            Assert.Equal(a.Constant!.Bytes.ToArray(), b.Constant!.Bytes.ToArray());
    }

    [Fact]
    public void Making_up_for_the_inputs_rounded_zero_point_brings_the_first_layer_closer()
    {
        var graph = Networks.SqueezeNet();
        var photos = Networks.Photos(6, Side, seed: 9);
        Assert.True(FirstLayer(true) > FirstLayer(false) + 1);

        double FirstLayer(bool compensate)
        {
            var result = Quantize(graph, new QuantizationOptions { CompensateInputZeroPoint = compensate, Threads = 1 });
            return LayerComparison.Run(graph, result.Graph, [photos], 1, cancellation: TestContext.Current.CancellationToken).Single(l => l.Name == "conv1").SignalToNoise;
        }
    }

    [Fact]
    public void A_batch_norm_behind_an_activation_becomes_an_int8_product_and_sum()
    {
        var b = new GraphBuilder("net", 3);
        var x = b.Conv2D(b.Input("input", 1, Side, Side, 3), 8, 3, stride: 2, activation: Activation.Relu, name: "conv");
        x = b.BatchNorm(x, name: "norm");
        var graph = b.Build(new ModelMetadata(Networks.Preprocessing(Side), []), b.Softmax(b.Dense(b.GlobalAveragePool(x), 5)));
        var norm = graph.Nodes.Single(n => n.Operator is BatchNorm);
        for (var c = 0; c < 8; c++)
        {
            norm.Inputs[1].Constant!.AsSpan<float>()[c] = 0.5f + (0.2f * c);
            norm.Inputs[2].Constant!.AsSpan<float>()[c] = 0.1f * (c - 3);
        }

        var result = Quantize(graph);
        Specification.Check(result.Graph);
        Assert.Contains(result.Graph.Nodes, n => n.Operator is Multiply);
        var layers = LayerComparison.Run(graph, result.Graph, [Networks.Photos(4, Side, seed: 8)], 0, cancellation: TestContext.Current.CancellationToken);
        Assert.True(layers.Single(l => l.Name == "norm").SignalToNoise > 25);
    }

    [Fact]
    public void Faults_are_told_by_name()
    {
        var graph = Networks.MobileNet();
        Assert.Contains("no image", Fault(() => PostTrainingQuantizer.Quantize(graph, [])), StringComparison.Ordinal);
        Assert.Contains(
            "whole number", Fault(() => PostTrainingQuantizer.Quantize(graph, [new float[100]])), StringComparison.Ordinal);
        Assert.Contains(
            "int64", Fault(() => PostTrainingQuantizer.Quantize(graph, [], new QuantizationOptions { InputType = ElementType.Int64 })), StringComparison.Ordinal);

        graph.Nodes[0].Inputs[1].Constant!.AsSpan<float>()[0] = float.NaN;
        Assert.Contains(
            "conv1_relu", Fault(() => PostTrainingQuantizer.Quantize(graph, [Networks.Photos(1, Side, 1)])), StringComparison.Ordinal);

        static string Fault(Action action) => Assert.Throws<KindlingException>(action).Message;
    }

    [Fact]
    public void Calibration_can_be_stopped()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => PostTrainingQuantizer.Quantize(
            Networks.MobileNet(), [Networks.Photos(1, Side, 1)], cancellation: stop.Token));
    }

    private static Graph Network(string name) => name == "squeezenet" ? Networks.SqueezeNet() : Networks.MobileNet();

    private static QuantizationResult Quantize(Graph graph, QuantizationOptions? options = null) =>
        PostTrainingQuantizer.Quantize(graph, [Networks.Photos(8, Side, seed: 1), Networks.Photos(8, Side, seed: 2)], options);

    private static float[] Run(Graph graph, ReadOnlyMemory<float> photos, int count)
    {
        using var executor = Executor.Compile(graph, new ExecutorOptions { Batch = count });
        new InputEncoder(graph.Inputs[0], graph.Metadata.Preprocessing).EncodeValues(photos.Span, executor.InputBytes());
        executor.Run();
        var output = executor.ValueBytes(executor.Graph.Outputs[0]);
        var q = graph.Outputs[0].Quantization;
        return graph.Outputs[0].Type switch
        {
            ElementType.Float32 => MemoryMarshal.Cast<byte, float>(output).ToArray(),
            ElementType.UInt8 => [.. output.ToArray().Select(v => (v - q!.ZeroPoint) * q.Scale)],
            _ => [.. output.ToArray().Select(v => ((sbyte)v - q!.ZeroPoint) * q.Scale)],
        };
    }

    private static int IndexOfMax(ReadOnlySpan<float> values)
    {
        var best = 0;
        for (var i = 1; i < values.Length; i++)
        {
            if (values[i] > values[best])
                best = i;
        }

        return best;
    }
}
