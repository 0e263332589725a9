using Google.Protobuf;
using Kindling.Formats.Onnx;
using Kindling.Formats.Onnx.Schema;
using Kindling.Graphs.Operators;

namespace Kindling.Tests.Onnx;

/// <summary>Files of old opsets, tensors in every form, and what is refused by name.</summary>
public sealed class OnnxReaderTests
{
    private static readonly float[] Row = [-1, 0.5f, 2];

    [Fact]
    public void Opset_3_broadcasts_from_a_stated_axis_and_lists_initializers_as_inputs()
    {
        var file = new OnnxFile(3, 3).Input("x", 1, 2, 1, 2).Floats("c", [2], 10, 20)
            .Node("Add", "x c", "y", ("broadcast", 1), ("axis", 1)).Output("y");
        var graph = OnnxReader.Read(file.Bytes, "old.onnx");
        Assert.Single(graph.Inputs);
        Assert.Equal([11, 12, 23, 24], OnnxCases.Run(graph, [1, 2, 3, 4], [1, 2, 1, 2], false));
    }

    [Fact]
    public void Opset_3_has_shapes_pads_and_dropout_s_mode_as_attributes()
    {
        var file = new OnnxFile(3, 3).Input("x", 1, 1, 2, 2).Floats("w", [6, 1], 1, 2, 3, 4, 5, 6).Floats("b", [1], 0.5f)
            .Node("Pad", "x", "p", ("pads", (int[])[0, 0, 0, 1, 0, 0, 0, 0])).Node("Dropout", ["p"], ["d", "mask"], ("is_test", 1), ("ratio", 0.4f))
            .Node("Reshape", "d", "r", ("shape", (int[])[1, 6])).Node("Gemm", "r w b", "y", ("broadcast", 1)).Output("y");
        var graph = OnnxReader.Read(file.Bytes, "old.onnx");
        Assert.Contains(graph.Nodes, n => n.Operator is Dropout { Rate: 0.4f });
        // Rows [0, 1, 2] and [0, 3, 4].
        Assert.Equal([(1 * 2) + (2 * 3) + (3 * 5) + (4 * 6) + 0.5f], OnnxCases.Run(graph, [1, 2, 3, 4], [1, 1, 2, 2], false));
    }

    [Fact]
    public void Opset_6_batch_normalization_and_softmax_over_everything_behind_the_batch()
    {
        var file = new OnnxFile(6, 3).Input("x", 1, 3, 1, 1).Floats("s", [3], 1, 2, 1).Floats("b", [3], 0, 0, 1).Floats("m", [3], 0, 0.5f, 0)
            .Floats("v", [3], 1, 1, 4).Node("BatchNormalization", "x s b m v", "n", ("epsilon", 0f), ("is_test", 1), ("spatial", 1))
            .Node("Softmax", "n", "y").Output("y");
        var actual = OnnxCases.Run(OnnxReader.Read(file.Bytes, "old.onnx"), Row, [1, 3, 1, 1], false);
        var exponentials = new[] { -1.0, 0, 2 }.Select(Math.Exp).ToArray();
        OnnxRoundTripTests.AssertClose([.. exponentials.Select(e => (float)(e / exponentials.Sum()))], actual, 1e-6f);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(10)]
    public void A_batch_may_be_open_1_or_fixed(int batch)
    {
        var file = new OnnxFile(9).Input("x", batch, 2, 1, 2).Longs("s", batch == 0 ? -1 : batch, 4).Floats("w", [4, 1], 1, 10, 100, 1000)
            .Node("Reshape", "x s", "r").Node("MatMul", "r w", "y").Output("y");
        Assert.Equal([4321], OnnxCases.Run(OnnxReader.Read(file.Bytes, "batch.onnx"), [1, 2, 3, 4], [1, 2, 1, 2], false));
    }

    public static TheoryData<string> Forms => ["float_data", "double_data", "float16 raw", "float16 in int32_data", "bfloat16 raw", "raw"];

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_constant_is_read_from_every_form_the_format_has(string form)
    {
        float[] values = [1.5f, -2, 0.25f];
        var tensor = new TensorProto { Name = "c", Dims = { 3 } };
        switch (form)
        {
            case "float_data":
                (tensor.DataType, _) = (1, 0);
                tensor.FloatData.AddRange(values);
                break;
            case "double_data":
                tensor.DataType = 11;
                tensor.DoubleData.AddRange(values.Select(v => (double)v));
                break;
            case "float16 raw":
                tensor.DataType = 10;
                tensor.RawData = ByteString.CopyFrom([.. values.SelectMany(v => BitConverter.GetBytes((Half)v))]);
                break;
            case "float16 in int32_data":
                tensor.DataType = 10;
                tensor.Int32Data.AddRange(values.Select(v => (int)BitConverter.HalfToUInt16Bits((Half)v)));
                break;
            case "bfloat16 raw":
                tensor.DataType = 16;
                tensor.RawData = ByteString.CopyFrom([.. values.SelectMany(v => BitConverter.GetBytes(v)[2..])]);
                break;
            default:
                tensor.DataType = 1;
                tensor.RawData = ByteString.CopyFrom([.. values.SelectMany(BitConverter.GetBytes)]);
                break;
        }

        var file = new OnnxFile(13).Input("x", 1, 3).Initializer(tensor).Node("Add", "x c", "y").Output("y");
        Assert.Equal([0.5f, -1.5f, 2.25f], OnnxCases.Run(OnnxReader.Read(file.Bytes, "form.onnx"), Row, [1, 3], false));
    }

    [Fact]
    public void External_data_is_read_from_the_model_s_folder_and_from_nowhere_else()
    {
        var folder = Directory.CreateTempSubdirectory("kindling-onnx-");
        try
        {
            var inner = folder.CreateSubdirectory("model");
            File.WriteAllBytes(Path.Combine(inner.FullName, "weights.bin"), [0, 0, 0, 0, .. BitConverter.GetBytes(1f), .. BitConverter.GetBytes(2f), .. BitConverter.GetBytes(3f)]);
            File.Copy(Path.Combine(inner.FullName, "weights.bin"), Path.Combine(folder.FullName, "outside.bin"));
            File.CreateSymbolicLink(Path.Combine(inner.FullName, "link.bin"), Path.Combine(folder.FullName, "outside.bin"));
            Assert.Equal([0, 2.5f, 5], OnnxCases.Run(OnnxReader.Read(Save("weights.bin", 4)), Row, [1, 3], false));
            Assert.Contains("bytes 8 to 20", Fault("weights.bin", 8), StringComparison.Ordinal);
            foreach (var location in new[] { "../outside.bin", Path.Combine(folder.FullName, "outside.bin"), "a/../../outside.bin", "" })
                Assert.Contains("only files inside the model's folder", Fault(location, 4), StringComparison.Ordinal);
            Assert.Contains("symbolic link", Fault("link.bin", 4), StringComparison.Ordinal);
            Assert.Contains("cannot be read", Fault("absent.bin", 4), StringComparison.Ordinal);
            Assert.Contains("not read from a folder", Assert.Throws<ModelFormatException>(
                () => OnnxReader.Read(File.ReadAllBytes(Save("weights.bin", 4)), "memory")).Message, StringComparison.Ordinal);

            string Fault(string location, int offset) => Assert.Throws<ModelFormatException>(() => OnnxReader.Read(Save(location, offset))).Message;

            string Save(string location, int offset)
            {
                var tensor = new TensorProto { Name = "c", Dims = { 3 }, DataType = 1, DataLocation = 1 };
                foreach (var (key, value) in new[] { ("location", location), ("offset", $"{offset}"), ("length", "12") })
                    tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
                var path = Path.Combine(inner.FullName, "model.onnx");
                File.WriteAllBytes(path, new OnnxFile(13).Input("x", 1, 3).Initializer(tensor).Node("Add", "x c", "y").Output("y").Bytes);
                return path;
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public static TheoryData<string, string> Refusals => new()
    {
        { "LRN", "n (LRN): operator LRN is not supported" },
        { "batch", "moves the batch" },
        { "missing", "before it is produced" },
        { "size", "takes 12 bytes, the file has 8" },
        { "opset", "opset 99" },
        { "huge", "tensor c has the extents" },
        { "height", "only the batch may be left open" },
        { "quotient", "only the divisor may be a constant" },
        { "groups", "do not fit 3 input channels" },
        { "pads", "allowed is 0 to" },
        { "spatial", "spatial=0" },
        { "training", "training_mode" },
        { "training before 14", "the outputs of training" },
        { "training before 7", "the outputs of training" },
        { "cast", "only casts between real numbers" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_is_not_supported_is_refused_with_file_node_and_operator(string what, string message)
    {
        var file = new OnnxFile(what == "opset" ? 99 : 13).Output("y");
        if (what == "height")
            file.Input("x", 1, 3, 0, 4);
        else
            file.Input("x", 1, 3, 4, 4);
        _ = what switch
        {
            "LRN" => Named("LRN", "x", ("size", 5)),
            "batch" => Named("Transpose", "x", ("perm", (int[])[1, 0, 2, 3])),
            "missing" => Named("Relu", "z"),
            "size" => file.Initializer(new TensorProto { Name = "c", DataType = 1, Dims = { 3 }, RawData = ByteString.CopyFrom(new byte[8]) }),
            "huge" => file.Initializer(new TensorProto { Name = "c", DataType = 1, Dims = { 1 << 20, 1 << 20, 1 << 24 } }),
            "quotient" => Named("Div", "x x"),
            "spatial" => Normalization(8, ("spatial", 0)),
            "training" => Normalization(15, ("training_mode", 1)),
            "training before 14" => WithStatistics(9, 1),
            "training before 7" => WithStatistics(6, 0),
            "cast" => Named("Cast", "x", ("to", 7)),
            "groups" => file.Random("w", 4, 1, 3, 3).Node("Conv", "x w", "y", ("group", 2)),
            "pads" => file.Random("w", 4, 3, 3, 3).Node("Conv", "x w", "y", ("pads", (int[])[0, 0, -1, 0])),
            _ => Named("Relu", "x"),
        };
        var fault = Assert.Throws<ModelFormatException>(() => OnnxReader.Read(file.Bytes, "bad.onnx"));
        Assert.StartsWith("bad.onnx", fault.Message, StringComparison.Ordinal);
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);

        OnnxFile Normalization(int opset, (string, object) attribute)
        {
            file.Model.OpsetImport[0].Version = opset;
            return file.Random("s", 3).Random("b", 3).Random("m", 3).Random("var", 3).Node("BatchNormalization", "x s b m var", "y", attribute);
        }

        OnnxFile WithStatistics(int opset, int isTest)
        {
            Normalization(opset, ("is_test", isTest)).Model.Graph.Node[^1].Output.AddRange(["mean", "variance"]);
            return file;
        }

        OnnxFile Named(string type, string inputs, params (string, object)[] attributes)
        {
            file.Node(type, inputs, "y", attributes);
            file.Model.Graph.Node[^1].Name = "n";
            return file;
        }
    }

    [Theory]
    [InlineData(10)]
    [InlineData(16)]
    [InlineData(11)]
    public void Inputs_in_another_precision_are_computed_in_single_precision(int type)
    {
        var file = new OnnxFile(13).Input("x", type, [1, 3]).Node("Relu", "x", "y").Output("y", type);
        Assert.Equal([0, 0.5f, 2], OnnxCases.Run(OnnxReader.Read(file.Bytes, "half.onnx"), Row, [1, 3], false));
    }

    [Fact]
    public void Constants_are_combined_with_the_broadcasting_of_activations()
    {
        var file = new OnnxFile(13).Input("x", 1, 2, 1, 3).Floats("a", [2, 1, 1], 1, 10).Floats("b", [1, 1, 1, 3], 1, 2, 3)
            .Node("Mul", "a b", "c").Node("Add", "x c", "y").Output("y");
        Assert.Equal([1, 2, 3, 10, 20, 30], OnnxCases.Run(OnnxReader.Read(file.Bytes, "constants.onnx"), new float[6], [1, 2, 1, 3], false));
    }

    [Fact]
    public void A_text_file_and_an_empty_file_are_no_models()
    {
        Assert.Contains("no ONNX model", Assert.Throws<ModelFormatException>(() => OnnxReader.Read([], "empty.onnx")).Message, StringComparison.Ordinal);
        Assert.Throws<ModelFormatException>(() => OnnxReader.Read("version https://git-lfs.github.com/spec/v1"u8, "pointer.onnx"));
        Assert.Throws<KindlingException>(() => OnnxReader.Read(Path.Combine(Path.GetTempPath(), "absent", "absent.onnx")));
    }

    [Fact]
    public void Constants_that_grow_without_end_are_refused()
    {
        var file = new OnnxFile(13).Input("x", 1, 3).Longs("c0", [.. new long[1024]]);
        for (var i = 0; i < 40; i++)
            file.Node("Concat", $"c{i} c{i}", $"c{i + 1}", ("axis", 0));
        file.Node("Reshape", "x c40", "y").Output("y");
        var before = GC.GetTotalAllocatedBytes();
        var fault = Assert.Throws<ModelFormatException>(() => OnnxReader.Read(file.Bytes, "bomb.onnx"));
        Assert.Contains("constants grow beyond", fault.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 3L << 30);
    }
}
