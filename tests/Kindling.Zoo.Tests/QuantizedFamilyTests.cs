using Kindling.Execution;
using Kindling.Formats.Tflite;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Numerics;
using Kindling.Quantization;
using Kindling.Tensors;
using Kindling.Tests.Tflite;

namespace Kindling.Zoo.Tests;

/// <summary>Every family is quantized, written to a TFLite file and read again.</summary>
public class QuantizedFamilyTests
{
    [Theory]
    [InlineData("squeezenet_v1.0", 64)]
    [InlineData("squeezenet_v1.1", 64)]
    [InlineData("squeezenet_v1.0_simple_bypass", 64)]
    [InlineData("squeezenet_v1.0_complex_bypass", 64)]
    [InlineData("st_squeezenet_v1.0", 64)]
    [InlineData("squeezenet_notebook_v0", 32)]
    [InlineData("squeezenet_notebook_v1", 32)]
    [InlineData("mobilenet_v1_0.25", 64)]
    [InlineData("st_efficientnet_lc_v1", 64)]
    [InlineData("efficientnet_b0", 32)]
    public void An_int8_network_of_every_family_comes_back_from_its_file_and_runs_the_same(string name, int side)
    {
        var network = Livened(name, side);
        var written = PostTrainingQuantizer.Quantize(
            network, [Images(6, side, seed: 1)], cancellation: TestContext.Current.CancellationToken).Graph;
        var read = TfliteReader.Read(TfliteWriter.ToBytes(written), "network.tflite");

        Assert.All(written.Nodes.SkipLast(1), n => Assert.Equal(ElementType.Int8, n.Output.Type));
        Assert.Equal(GraphSummary.Of(written).WeightBytes, GraphSummary.Of(read).WeightBytes);
        var images = Images(8, side, seed: 2);
        var expected = Run(written, images);
        Assert.Equal(expected, Run(read, images));
        Assert.InRange(expected.Chunk(5).Select(scores => string.Join(' ', scores)).Distinct().Count(), 4, 8);
        var exact = Run(network, images);
        Assert.InRange(expected.Zip(exact, (a, b) => Math.Abs(a - b)).Average(), 0, 0.05);
    }

    [Fact]
    public void ST_EfficientNet_LC_comes_back_from_its_file_with_each_clip_as_a_maximum_and_a_minimum()
    {
        var written = PostTrainingQuantizer.Quantize(
            Livened("st_efficientnet_lc_v1", 64), [Images(4, 64, seed: 1)], cancellation: TestContext.Current.CancellationToken).Graph;
        var read = TfliteReader.Read(TfliteWriter.ToBytes(written), "network.tflite");
        Assert.Equal(
            written.Nodes.Select(n => n.Operator).Where(o => o is not Clip), read.Nodes.Select(n => n.Operator).Where(o => o is not Clip));
        Assert.Equal(2 * 16, read.Nodes.Count(n => n.Operator is Clip));
        GraphEquality.AssertEqual(read, TfliteReader.Read(TfliteWriter.ToBytes(read), "network.tflite"));
    }

    [Fact]
    public void Weights_of_ST_EfficientNet_LC_take_the_published_517_540_bytes_of_flash()
    {
        var graph = PostTrainingQuantizer.Quantize(
            StEfficientNetLc.V1(new ModelOptions { Height = 32, Width = 32, Classes = 5 }), [Images(1, 32, seed: 1)],
            cancellation: TestContext.Current.CancellationToken).Graph;
        // ST counts the two ends of each clip as 4-byte constants.
        var clips = graph.Nodes.Count(n => n.Operator is Clip { Min: -4, Max: 4 });
        Assert.Equal(517_540, GraphSummary.Of(graph).WeightBytes + (clips * 2 * 4));
    }

    [Fact]
    public void Batch_normalization_behind_ReLU_stays_in_STs_SqueezeNet_v10_as_a_product_and_a_sum()
    {
        var graph = PostTrainingQuantizer.Quantize(
            Livened("st_squeezenet_v1.0", 64), [Images(2, 64, seed: 1)], cancellation: TestContext.Current.CancellationToken).Graph;
        Assert.Equal(8, graph.Nodes.Count(n => n.Operator is Multiply));
        Assert.Equal(8, graph.Nodes.Count(n => n.Operator is Add));
    }

    private static float[] Run(Graph graph, ReadOnlyMemory<float> images)
    {
        using var executor = Executor.Compile(graph, new ExecutorOptions { Batch = 8 });
        new InputEncoder(graph.Inputs[0], graph.Metadata.Preprocessing).EncodeValues(images.Span, executor.InputBytes());
        executor.Run();
        return executor.Output<float>().ToArray();
    }

    private static ReadOnlyMemory<float> Images(int count, int side, int seed)
    {
        var random = new RandomStream(seed);
        var values = new float[count * side * side * 3];
        for (var n = 0; n < count; n++)
        {
            var (fx, fy, contrast) = (random.NextSingle(0, 8), random.NextSingle(0, 8), random.NextSingle(0.2f, 0.9f));
            for (var i = 0; i < side * side * 3; i++)
            {
                var (y, x) = Math.DivRem(i / 3, side);
                var wave = contrast * MathF.Sin((i % 3) + (fx * x / side) + (fy * y / side));
                values[(n * side * side * 3) + i] = MathF.Round((wave + 1) * 127.5f) / 127.5f - 1;
            }
        }

        return values;
    }

    // Glorot weights fade out before ReLUs; He's variance and lively statistics keep the scores apart.
    private static Graph Livened(string name, int side)
    {
        var preprocessing = new Preprocessing(side, side, ColorMode.Rgb, [1 / 127.5f], [-1]);
        var graph = ZooCatalogue.Find(name).Build(new ModelOptions
        {
            Height = side,
            Width = side,
            Classes = 5,
            Dropout = 0.3f,
            Seed = 11,
            Metadata = new ModelMetadata(preprocessing, ["a", "b", "c", "d", "e"]),
        });
        var random = new RandomStream(3);
        foreach (var node in graph.Nodes)
        {
            if (node.Operator is Conv2D or DepthwiseConv2D or Dense)
            {
                var limit = MathF.Sqrt(6f * node.Output.Shape.ElementCount / node.Macs);
                Fill(node.Inputs[1], -limit, limit);
                if (node.Inputs.Count > 2)
                    Fill(node.Inputs[2], -0.1f, 0.3f);
            }
            else if (node.Operator is BatchNorm)
            {
                Fill(node.Inputs[1], 0.7f, 1.3f);
                Fill(node.Inputs[2], -0.2f, 0.5f);
                Fill(node.Inputs[3], -0.2f, 0.2f);
                Fill(node.Inputs[4], 0.6f, 1.4f);
            }
        }

        // Weaker scores until no class takes all.
        while (Run(graph, Images(8, side, seed: 2)).Max() > 0.9f)
        {
            foreach (ref var w in graph.Nodes.Last(n => n.Macs > 0).Inputs[1].Constant!.AsSpan<float>())
                w /= 2;
        }

        return graph;

        void Fill(Value constant, float low, float high)
        {
            foreach (ref var v in constant.Constant!.AsSpan<float>())
                v = random.NextSingle(low, high);
        }
    }
}
