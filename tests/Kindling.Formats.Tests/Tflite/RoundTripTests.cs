using Kindling.Execution;
using Kindling.Formats.Tflite;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Tests.Tflite;

/// <summary>What the writer writes, the reader reads back.</summary>
public sealed class RoundTripTests
{
    [Theory]
    [MemberData(nameof(GoldenTests.Models), MemberType = typeof(GoldenTests))]
    public void A_published_model_written_again_is_read_back_equal(string name)
    {
        var graph = TfliteReader.Read(GoldenModels.Load(name).Path);
        var bytes = TfliteWriter.ToBytes(graph);
        GraphEquality.AssertEqual(graph, TfliteReader.Read(bytes, "again.tflite"));
        Assert.Equal(bytes, TfliteWriter.ToBytes(TfliteReader.Read(bytes, "again.tflite")));
    }

    [Theory]
    [InlineData("mobilenet_v1_0.25_96")]
    [InlineData("squeezenet_v1.1_128")]
    public void A_published_model_written_again_still_gives_the_golden_checksums(string name)
    {
        var golden = GoldenModels.Load(name);
        var graph = TfliteReader.Read(TfliteWriter.ToBytes(TfliteReader.Read(golden.Path)), "again.tflite");
        for (var input = 0; input < 2; input++)
            Assert.Equal(golden.Operators.Select(o => o.Crc[input]), GraphTracer.Run(graph, GoldenTests.InputOf(graph, input)).Select(s => s.Crc32));
    }

    [Fact]
    public void A_float_network_is_read_back_equal_with_a_clip_as_MAXIMUM_and_MINIMUM()
    {
        var graph = SmallNetworks.Float();
        var again = TfliteReader.Read(TfliteWriter.ToBytes(graph), "small.tflite");
        Assert.Equal(graph.Metadata.Preprocessing, again.Metadata.Preprocessing);
        Assert.Equal(graph.Metadata.ClassNames, again.Metadata.ClassNames);
        Assert.Equal(graph.Nodes.Count + 1, again.Nodes.Count);
        Assert.Equal([new Clip(-3, float.PositiveInfinity), new Clip(float.NegativeInfinity, 2.5f)], again.Nodes.Select(n => n.Operator).OfType<Clip>().Skip(2));
        var input = new byte[graph.Inputs[0].Bytes];
        Random.Shared.NextBytes(input.AsSpan());
        for (var i = 3; i < input.Length; i += 4)
            input[i] = 0x3F;
        GraphTracer.Run(graph, input, out var expected);
        GraphTracer.Run(again, input, out var actual);
        Assert.Equal(expected[0].AsSpan<float>().ToArray(), actual[0].AsSpan<float>().ToArray());
    }

    [Fact]
    public void An_int8_network_is_read_back_with_the_same_answers_and_a_QUANTIZE_before_a_joined_value_of_another_scale()
    {
        var graph = SmallNetworks.Int8();
        var again = TfliteReader.Read(TfliteWriter.ToBytes(graph), "small.tflite");
        Assert.Equal(graph.Nodes.Count + 1, again.Nodes.Count);
        Assert.Contains(again.Nodes, n => n.Operator is Quantize && n.Output.Quantization!.Equals(graph.Nodes.Single(c => c.Operator is Concat).Output.Quantization));
        GraphEquality.AssertEqual(again, TfliteReader.Read(TfliteWriter.ToBytes(again), "small.tflite"));
        for (var seed = 0; seed < 5; seed++)
        {
            var input = new byte[graph.Inputs[0].Bytes];
            new Random(seed).NextBytes(input);
            GraphTracer.Run(graph, input, out var expected);
            GraphTracer.Run(again, input, out var actual);
            Assert.Equal(expected[0].AsSpan<float>().ToArray(), actual[0].AsSpan<float>().ToArray());
        }
    }

    [Fact]
    public void A_bias_without_a_scale_is_written_with_the_product_of_input_and_weight_scales()
    {
        var graph = SmallNetworks.Int8();
        var again = TfliteReader.Read(TfliteWriter.ToBytes(graph), "small.tflite");
        var layer = again.Nodes.First(n => n.Operator is Conv2D);
        var expected = layer.Inputs[1].Quantization!.Scales.Select(s => layer.Inputs[0].Quantization!.Scale * s);
        Assert.Equal(expected, layer.Inputs[2].Quantization!.Scales);
    }

    [Theory]
    [InlineData(12, 3, 2, 0, 0, 1, 1)] // SAME
    [InlineData(13, 3, 2, 1, 1, 1, 1)] // SAME
    [InlineData(13, 3, 2, 0, 0, 0, 0)] // VALID
    [InlineData(12, 3, 2, 1, 1, 1, 1)] // neither
    [InlineData(12, 1, 1, 1, 1, 1, 1)] // neither
    [InlineData(12, 5, 1, 0, 3, 2, 1)] // neither
    public void An_explicit_padding_survives_as_SAME_VALID_or_a_PAD_in_front(int size, int kernel, int stride, int top, int left, int bottom, int right)
    {
        var b = new GraphBuilder("padded");
        var x = b.Input("x", 1, size, size, 2);
        var y = b.DepthwiseConv2D(b.Conv2D(x, 3, kernel, stride, padding: new Padding(top, left, bottom, right)), 3, padding: new Padding(2, 0, 0, 1));
        var graph = b.Build(null, y);
        var again = TfliteReader.Read(TfliteWriter.ToBytes(graph), "padded.tflite");
        Assert.Equal(y.Shape, again.Outputs[0].Shape);
        var input = new Tensor(ElementType.Float32, x.Shape);
        for (var i = 0; i < x.Shape.ElementCount; i++)
            input.AsSpan<float>()[i] = (i * 37 % 101) / 50f;
        GraphTracer.Run(graph, input.Bytes, out var expected);
        GraphTracer.Run(again, input.Bytes, out var actual);
        var e = expected[0].AsSpan<float>();
        var a = actual[0].AsSpan<float>();
        for (var i = 0; i < e.Length; i++)
            Assert.Equal(e[i], a[i], 1e-5f);
    }

    [Fact]
    public void Caffe_ceil_pooling_is_written_as_SAME_or_VALID()
    {
        foreach (var size in new[] { 13, 14, 27, 28 })
        {
            var b = new GraphBuilder("pool");
            var y = b.MaxPool2D(b.Input("x", 1, size, size, 1), 3, 2, BorderMode.Ceil);
            var again = TfliteReader.Read(TfliteWriter.ToBytes(b.Build(null, y)), "pool.tflite");
            Assert.Equal(y.Shape, again.Outputs[0].Shape);
        }
    }

    [Fact]
    public void A_max_pool_whose_padding_TFLite_cannot_express_is_refused_by_name()
    {
        var b = new GraphBuilder("pool");
        var x = b.Input("x", 1, 12, 12, 1);
        var y = b.Apply(new MaxPool2D(3, 2, Padding.Uniform(1)), "odd_pool", [x]);
        var fault = Assert.Throws<KindlingException>(() => TfliteWriter.ToBytes(b.Build(null, y)));
        Assert.Contains("odd_pool", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Batch_normalization_is_refused_by_name()
    {
        var b = new GraphBuilder("bn");
        var y = b.BatchNorm(b.Input("x", 1, 4, 4, 1), name: "norm_1");
        Assert.Contains("norm_1", Assert.Throws<KindlingException>(() => TfliteWriter.ToBytes(b.Build(null, y))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_appears_under_its_name_and_is_read_by_path()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var path = Path.Combine(folder.FullName, "small.tflite");
            TfliteWriter.Write(SmallNetworks.Int8(), path);
            Assert.Equal("small_int8", TfliteReader.Read(path).Name);
            Assert.Single(folder.GetFiles());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
