using System.Text;
using Kindling.Formats.Tflite;
using Kindling.Graphs.Operators;

namespace Kindling.Tests.Tflite;

/// <summary>The reader says what is wrong with a file.</summary>
public sealed class TfliteReaderTests
{
    [Fact]
    public void A_published_model_keeps_its_operators_in_file_order_and_its_parameter_count()
    {
        var graph = TfliteReader.Read(SharedData.Require("models/st/mobilenet_v1_0.25_96_flowers_int8.tflite"));
        Assert.Equal(["QUANTIZE", "CONV_2D", "DEPTHWISE_CONV_2D", "CONV_2D", "PAD", "DEPTHWISE_CONV_2D"], graph.Nodes.Take(6).Select(n => n.Operator.Kind));
        Assert.Equal(7_490_432, graph.Macs);
        var depthwise = graph.Nodes.First(n => n.Operator is DepthwiseConv2D).Inputs[1];
        Assert.Equal([3, 3, 8], depthwise.Shape);
        Assert.Equal(2, depthwise.Quantization!.Axis);
        Assert.Equal(new Padding(0, 0, 1, 1), graph.Nodes.Select(n => n.Operator).OfType<Pad>().First().Padding);
    }

    [Fact]
    public void A_file_that_is_no_TFLite_file_is_said_to_be_none() =>
        AssertFault("identifier", Encoding.ASCII.GetBytes("GIF89a, surely not a model"));

    [Fact]
    public void An_empty_file_is_said_to_be_no_TFLite_file() => AssertFault("identifier", []);

    [Fact]
    public void A_missing_file_is_named()
    {
        var fault = Assert.Throws<KindlingException>(() => TfliteReader.Read("no/such/model.tflite"));
        Assert.Contains("no/such/model.tflite", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_schema_version_is_refused() => AssertFault("schema version 4", File(version: 4));

    [Fact]
    public void Several_subgraphs_are_refused() => AssertFault("2 subgraphs", File(subgraphs: 2));

    [Fact]
    public void An_unsupported_operator_is_named_with_its_position() => AssertFault("operator 0 is TANH, which is not supported", File(code: 28));

    [Fact]
    public void A_custom_operator_is_named() => AssertFault("custom operator \"Detect\"", File(code: 32, custom: "Detect"));

    [Fact]
    public void An_unknown_size_is_refused_with_the_tensor_s_name() => AssertFault("tensor 0 (x) has the shape [1, -1, 4, 3]", File(shape: [1, -1, 4, 3]));

    [Fact]
    public void More_elements_than_memory_can_hold_are_refused() =>
        AssertFault("more than 2^31 - 1 elements", File(shape: [1, 60000, 60000, 60000]));

    [Fact]
    public void An_open_batch_is_1() => Assert.Equal([1, 4, 4, 3], TfliteReader.Read(File(shape: [-1, 4, 4, 3]), "m.tflite").Inputs[0].Shape);

    [Fact]
    public void Another_batch_is_refused() => AssertFault("batch 8", File(shape: [8, 4, 4, 3]));

    [Fact]
    public void An_operator_that_reads_what_nobody_wrote_is_refused() => AssertFault("no earlier operator produces", File(operatorInput: 1));

    [Fact]
    public void A_tensor_that_does_not_exist_is_refused() => AssertFault("tensor 7 of 2", File(operatorInput: 7));

    [Fact]
    public void A_scale_of_zero_is_refused() => AssertFault("has the scale 0", File(scales: [0]));

    [Fact]
    public void Scales_that_do_not_fit_the_channels_are_refused() => AssertFault("2 scales for 3 channels", File(scales: [1, 1]));

    [Fact]
    public void A_shape_that_disagrees_with_the_operator_is_refused() => AssertFault("works out as", File(outputShape: [1, 4, 4, 5]));

    [Fact]
    public void A_float_file_of_one_operator_is_read() => Assert.Equal(Clip.Relu, TfliteReader.Read(File(), "m.tflite").Nodes[0].Operator);

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"classNames\": 3}")]
    [InlineData("{\"preprocessing\": {\"height\": 4}}")]
    [InlineData("{\"preprocessing\": {\"height\": 0, \"width\": 4, \"color\": \"Rgb\", \"scale\": [1], \"offset\": [0], \"interpolation\": \"Nearest\", \"aspectRatio\": \"Fit\"}}")]
    [InlineData("{\"preprocessing\": {\"height\": 4, \"width\": 4, \"color\": \"Pink\", \"scale\": [1], \"offset\": [0], \"interpolation\": \"Nearest\", \"aspectRatio\": \"Fit\"}}")]
    public void Damaged_metadata_is_a_fault_of_the_file(string json) => AssertFault("metadata", File(metadata: json));

    private static void AssertFault(string expected, byte[] bytes)
    {
        var fault = Assert.Throws<ModelFormatException>(() => TfliteReader.Read(bytes, "m.tflite"));
        Assert.StartsWith("m.tflite: ", fault.Message, StringComparison.Ordinal);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    // One RELU from x to y, with whatever the test wants to be different.
    private static byte[] File(
        int version = 3, int subgraphs = 1, int code = 19, string? custom = null, int[]? shape = null, int[]? outputShape = null,
        int operatorInput = 0, float[]? scales = null, string? metadata = null)
    {
        shape ??= [1, 4, 4, 3];
        outputShape ??= [1, shape[1], shape[2], shape[3]];
        var x = new FlatTableBuilder().Child(0, FlatNumbers.Of<int>(shape)).Child(3, new FlatText("x"));
        if (scales is not null)
        {
            x.Byte(1, 9).Child(4, new FlatTableBuilder()
                .Child(2, FlatNumbers.Of<float>(scales)).Child(3, FlatNumbers.Of<long>(new long[scales.Length])).Int32(6, 3));
        }

        var y = new FlatTableBuilder().Child(0, FlatNumbers.Of<int>(outputShape)).Child(3, new FlatText("y"));
        var relu = new FlatTableBuilder().Child(1, FlatNumbers.Of<int>([operatorInput])).Child(2, FlatNumbers.Of<int>([1]));
        var graphs = Enumerable.Range(0, subgraphs).Select(_ => (FlatObject)new FlatTableBuilder()
            .Child(0, new FlatList([x, y])).Child(1, FlatNumbers.Of<int>([0])).Child(2, FlatNumbers.Of<int>([1])).Child(3, new FlatList([relu])));
        var model = new FlatTableBuilder()
            .Int32(0, version)
            .Child(1, new FlatList([new FlatTableBuilder().Int32(3, code).Child(1, custom is null ? null : new FlatText(custom))]))
            .Child(2, new FlatList([.. graphs]))
            .Child(4, new FlatList([new FlatTableBuilder().Child(0, FlatNumbers.Of<byte>(Encoding.UTF8.GetBytes(metadata ?? "")))]));
        if (metadata is not null)
            model.Child(6, new FlatList([new FlatTableBuilder().Child(0, new FlatText("kindling"))]));
        return FlatOutput.Finish(model, "TFL3");
    }
}
