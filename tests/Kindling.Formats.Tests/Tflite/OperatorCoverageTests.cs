using System.Text;
using Kindling.Execution;
using Kindling.Formats.Tflite;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Numerics;
using Kindling.Tensors;

namespace Kindling.Tests.Tflite;

/// <summary>Operators of classifiers that other producers write: read, run, written again; what is beyond the set is refused by name.</summary>
public sealed class OperatorCoverageTests
{
    private static readonly Quantization Scale = new(0.05f, -10);

    [Theory]
    [InlineData(ElementType.Float32)]
    [InlineData(ElementType.Int8)]
    public void SUB_HARD_SWISH_LEAKY_RELU_and_AVERAGE_POOL_2D_are_written_and_read_back_with_the_same_answers(ElementType type)
    {
        var quantization = type == ElementType.Int8 ? Scale : null;
        var x = new Value("x", type, new Shape(1, 6, 6, 4), quantization);
        var nodes = new List<Node>();
        var y = Apply("swish", new HardSwish(), x);
        y = Apply("leaky", new LeakyRelu(0.1f), y);
        y = Apply("difference", new Subtract(Activation.Relu6), y, x);
        y = Apply("mean", new AveragePool2D(2, 2, Padding.None), y);
        y = Apply("flat", new Reshape(new Shape(1, 36)), y);
        var graph = new Graph("operators", [x], [y], nodes);

        var again = TfliteReader.Read(TfliteWriter.ToBytes(graph), "m.tflite");

        Assert.Equal(graph.Nodes.Select(n => n.Operator), again.Nodes.Select(n => n.Operator));
        var input = Input(x, 5);
        GraphTracer.Run(graph, input, out var expected);
        GraphTracer.Run(again, input, out var actual);
        Assert.Equal(expected[0].Bytes.ToArray(), actual[0].Bytes.ToArray());
        Assert.True(expected[0].Bytes.ToArray().Distinct().Count() > 4, "the network says something");

        Value Apply(string name, Operator op, params Value[] inputs)
        {
            var output = new Value(name, type, op.Infer(name, inputs), quantization);
            nodes.Add(new Node(name, op, inputs, output));
            return output;
        }
    }

    [Theory]
    [InlineData("swish")]
    [InlineData("leaky")]
    [InlineData("difference")]
    public void In_int8_each_is_the_real_function_to_a_step(string name)
    {
        var (input, output) = (new Quantization(0.047f, -10), new Quantization(0.041f, -30));
        var x = new Value("x", ElementType.Int8, new Shape(1, 256), input);
        Operator op = name == "swish" ? new HardSwish() : name == "leaky" ? new LeakyRelu(0.2f) : new Subtract();
        Func<double, double> real = name == "swish" ? v => v * Math.Clamp(v + 3, 0, 6) / 6 : name == "leaky" ? v => v > 0 ? v : 0.2 * v : v => v - 0.5;
        var inputs = name == "difference" ? [x, new Value("half", Tensor.From<sbyte>(new Shape(256), [.. Enumerable.Repeat((sbyte)50, 256)]), new Quantization(0.01f, 0))] : new[] { x };
        var y = new Value("y", ElementType.Int8, x.Shape, output);
        var graph = new Graph("one", [x], [y], [new Node("one", op, inputs, y)]);

        GraphTracer.Run(graph, [.. Enumerable.Range(0, 256).Select(i => (byte)i)], out var outputs);

        var actual = outputs[0].AsSpan<sbyte>().ToArray();
        for (var i = 0; i < 256; i++)
        {
            var expected = Math.Clamp((real(((sbyte)i + 10) * 0.047) / 0.041) - 30, -128, 127);
            Assert.InRange(actual[i] - expected, -1.01, 1.01);
        }
    }

    [Fact]
    public void SQUEEZE_is_a_reshape() =>
        Assert.Equal(new Reshape(new Shape(1, 4)), Read(new Case { Code = 43, Input = [1, 1, 1, 4], Output = [1, 4] }).Nodes[0].Operator);

    [Fact]
    public void PADV2_that_fills_with_zeros_is_a_PAD() => Assert.Equal(
        new Pad(new Padding(1, 0, 0, 2)),
        Read(new Case { Code = 60, Input = [1, 2, 2, 1], Output = [1, 3, 4, 1], Constants = [Paddings, ([], 0, BitConverter.GetBytes(0f))] }).Nodes[0].Operator);

    [Fact]
    public void PADV2_with_another_number_is_refused() => AssertFault(
        "operator 0 (PADV2)", new Case { Code = 60, Input = [1, 2, 2, 1], Output = [1, 3, 4, 1], Constants = [Paddings, ([], 0, BitConverter.GetBytes(7f))] });

    [Theory]
    [InlineData(3, new[] { 2, 1, 1, 4 }, new[] { 1, 1, 1, 2 })]
    [InlineData(9, new[] { 2, 4 }, new[] { 1, 2 })]
    public void A_dynamic_range_model_is_refused_by_name(int code, int[] weights, int[] output) => AssertFault(
        "dynamic-range models are not supported", new Case { Code = code, Input = [1, 1, 1, 4], Output = output, Constants = [(weights, 9, new byte[8])] });

    [Fact]
    public void Weights_kept_in_float16_are_refused_by_name() =>
        AssertFault("is a constant; models that store float weights in fewer bits", new Case { Code = 6, Input = [1, 4], Output = [1, 4], InputData = new byte[8], InputType = 1 });

    [Fact]
    public void An_element_type_beyond_the_set_is_named() => AssertFault("has the element type int16", new Case { Code = 19, Input = [1, 4], Output = [1, 4], InputType = 7 });

    [Fact]
    public void Several_subgraphs_are_refused_with_their_names() => AssertFault(
        "2 subgraphs (main, body); only models with one", new Case { Code = 19, Input = [1, 4], Output = [1, 4], Subgraphs = ["main", "body"] });

    [Fact]
    public void Unused_buffers_and_tensors_are_no_fault_whatever_they_hold()
    {
        var graph = Read(new Case { Code = 19, Input = [1, 4], Output = [1, 4], Constants = [([-5, 0], 5, [1, 2, 3])], UsesConstants = false });
        Assert.Single(graph.Nodes);
    }

    [Fact]
    public void Metadata_of_other_producers_is_kept_and_written_again()
    {
        var graph = Read(new Case { Code = 19, Input = [1, 4], Output = [1, 4], Metadata = "min_runtime_version" });
        var again = TfliteReader.Read(TfliteWriter.ToBytes(graph), "m.tflite");
        Assert.All([graph, again], g =>
        {
            Assert.Equal("min_runtime_version", Assert.Single(g.Metadata.Entries).Name);
            Assert.Equal("1.5.0", Encoding.UTF8.GetString(g.Metadata.Entries[0].Data.Span));
        });
    }

    [Fact]
    public void A_depthwise_convolution_of_one_channel_with_a_multiplier_is_a_convolution()
    {
        var graph = Read(new Case { Code = 4, Input = [1, 1, 1, 1], Output = [1, 1, 1, 3], Constants = [([1, 1, 1, 3], 0, [.. new[] { 1f, 2f, 3f }.SelectMany(BitConverter.GetBytes)])], Options = Depthwise });
        GraphTracer.Run(graph, BitConverter.GetBytes(2f), out var outputs);
        Assert.Equal([2f, 4f, 6f], outputs[0].AsSpan<float>().ToArray());
    }

    private static (int[] Shape, byte Type, byte[] Data) Paddings { get; } = ([4, 2], 2, [.. new[] { 0, 0, 1, 0, 0, 2, 0, 0 }.SelectMany(BitConverter.GetBytes)]);

    private static (byte Kind, FlatTableBuilder Table) Depthwise { get; } = (2, new FlatTableBuilder().Byte(0, 1).Int32(1, 1).Int32(2, 1).Int32(3, 3));

    private static byte[] Input(Value x, long seed)
    {
        var random = new RandomStream(seed);
        var tensor = new Tensor(x.Type, x.Shape);
        if (x.Type == ElementType.Float32)
        {
            foreach (ref var v in tensor.AsSpan<float>())
                v = random.NextSingle(-4, 4);
        }
        else
        {
            foreach (ref var v in tensor.AsSpan<sbyte>())
                v = (sbyte)(random.NextInt32(256) - 128);
        }

        return tensor.Bytes.ToArray();
    }

    private static Graph Read(Case file) => TfliteReader.Read(file.ToBytes(), "m.tflite");

    private static void AssertFault(string expected, Case file)
    {
        var fault = Assert.Throws<ModelFormatException>(() => Read(file));
        Assert.StartsWith("m.tflite: ", fault.Message, StringComparison.Ordinal);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    /// <summary>A file of one operator from x to y, with constants as its further inputs.</summary>
    private sealed record Case
    {
        public required int Code { get; init; }

        public required int[] Input { get; init; }

        public required int[] Output { get; init; }

        public byte InputType { get; init; }

        public byte[]? InputData { get; init; }

        public (int[] Shape, byte Type, byte[] Data)[] Constants { get; init; } = [];

        public bool UsesConstants { get; init; } = true;

        public (byte Kind, FlatTableBuilder Table)? Options { get; init; }

        public string[] Subgraphs { get; init; } = ["main"];

        public string? Metadata { get; init; }

        public byte[] ToBytes()
        {
            var buffers = new List<FlatObject> { new FlatTableBuilder() };
            var x = Tensor("x", Input, InputType);
            if (InputData is not null)
                x.Int32(2, AddBuffer(InputData));
            var tensors = new List<FlatObject> { x, Tensor("y", Output, 0) };
            tensors.AddRange(Constants.Select((c, i) => Tensor($"c{i}", c.Shape, c.Type).Int32(2, AddBuffer(c.Data))));
            var op = new FlatTableBuilder().Child(1, FlatNumbers.Of<int>([0, .. UsesConstants ? Enumerable.Range(2, Constants.Length) : []])).Child(2, FlatNumbers.Of<int>([1]));
            if (Options is { } options)
                op.Byte(3, options.Kind).Child(4, options.Table);
            var graphs = Subgraphs.Select(name => (FlatObject)new FlatTableBuilder()
                .Child(0, new FlatList(tensors)).Child(1, FlatNumbers.Of<int>(InputData is null ? [0] : [])).Child(2, FlatNumbers.Of<int>([1])).Child(3, new FlatList([op]))
                .Child(4, new FlatText(name)));
            var model = new FlatTableBuilder().Int32(0, 3).Child(1, new FlatList([new FlatTableBuilder().Int32(3, Code)])).Child(2, new FlatList([.. graphs]));
            if (Metadata is not null)
                model.Child(6, new FlatList([new FlatTableBuilder().Child(0, new FlatText(Metadata)).Int32(1, AddBuffer(Encoding.UTF8.GetBytes("1.5.0")))]));
            return FlatOutput.Finish(model.Child(4, new FlatList(buffers)), "TFL3");

            int AddBuffer(byte[] data)
            {
                buffers.Add(new FlatTableBuilder().Child(0, FlatNumbers.Of<byte>(data)));
                return buffers.Count - 1;
            }
        }

        private static FlatTableBuilder Tensor(string name, int[] shape, byte type) =>
            new FlatTableBuilder().Child(0, FlatNumbers.Of<int>(shape)).Byte(1, type).Child(3, new FlatText(name));
    }
}
