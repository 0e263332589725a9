using Kindling.Formats.Onnx;
using Kindling.Formats.Onnx.Schema;
using Kindling.Graphs.Operators;
using Kindling.Numerics;
using Kindling.Tensors;

namespace Kindling.Tests.Onnx;

/// <summary>What the writer writes, the reader reads back.</summary>
public sealed class OnnxRoundTripTests
{
    public static TheoryData<string> Networks => [.. OnnxNetworks.Float.Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_float_network_read_back_gives_the_same_answers_at_every_opset(string name)
    {
        var graph = OnnxNetworks.ByName(name);
        var input = OnnxNetworks.RandomInput(graph, 1);
        var expected = OnnxNetworks.Run(graph, input);
        for (var opset = OnnxWriter.OldestOpset; opset <= OnnxWriter.NewestOpset; opset++)
        {
            var again = OnnxReader.Read(OnnxWriter.ToBytes(graph, opset), "again.onnx");
            AssertClose(expected, OnnxNetworks.Run(again, input), 1e-6f);
            Assert.Equal(graph.Inputs[0].Shape, again.Inputs[0].Shape);
            Assert.Equal(graph.Macs, again.Macs);
        }
    }

    [Fact]
    public void Preprocessing_class_names_licence_and_layer_names_travel_with_the_file()
    {
        var graph = OnnxNetworks.ByName("squeeze");
        var again = OnnxReader.Read(OnnxWriter.ToBytes(graph), "again.onnx");
        Assert.Equal(graph.Name, again.Name);
        Assert.Equal(graph.Metadata.Preprocessing, again.Metadata.Preprocessing);
        Assert.Equal(graph.Metadata.ClassNames, again.Metadata.ClassNames);
        Assert.Equal(graph.Metadata.License, again.Metadata.License);
        Assert.Equal(graph.Metadata.Description, again.Metadata.Description);
        Assert.Equal(graph.Inputs[0].Name, again.Inputs[0].Name);
        Assert.Equal(graph.Outputs[0].Name, again.Outputs[0].Name);
        Assert.Equal(
            graph.Nodes.Where(n => n.Operator is Conv2D).Select(n => n.Name), again.Nodes.Where(n => n.Operator is Conv2D).Select(n => n.Name));
    }

    [Theory]
    [InlineData(6)]
    [InlineData(22)]
    public void Another_opset_is_refused_with_the_range_that_is_written(int opset)
    {
        var fault = Assert.Throws<KindlingException>(() => OnnxWriter.ToBytes(OnnxNetworks.ByName("gray"), opset));
        Assert.Contains($"opset {opset}", fault.Message, StringComparison.Ordinal);
        Assert.Contains("7 to 21", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("squeeze", OnnxQuantization.Qdq)]
    [InlineData("squeeze", OnnxQuantization.QOperator)]
    [InlineData("mobile", OnnxQuantization.Qdq)]
    [InlineData("mobile", OnnxQuantization.QOperator)]
    [InlineData("excite", OnnxQuantization.Qdq)]
    [InlineData("excite", OnnxQuantization.QOperator)]
    [InlineData("flatten", OnnxQuantization.Qdq)]
    [InlineData("flatten", OnnxQuantization.QOperator)]
    [InlineData("curves", OnnxQuantization.Qdq)]
    [InlineData("curves", OnnxQuantization.QOperator)]
    public void An_int8_network_read_back_runs_on_integers_and_gives_the_same_bytes(string name, OnnxQuantization quantization)
    {
        foreach (var (input, output) in new[]
        {
            (ElementType.Float32, ElementType.Float32), (ElementType.UInt8, ElementType.UInt8), (ElementType.Int8, ElementType.Int8),
        })
        {
            var graph = OnnxNetworks.Int8(name, input, output);
            var again = OnnxReader.Read(OnnxWriter.ToBytes(graph, quantization: quantization), "again.onnx");
            Assert.Equal(input, again.Inputs[0].Type);
            Assert.Equal(output, again.Outputs[0].Type);
            Assert.All(again.Nodes.Where(n => n.Operator is not (Quantize or Dequantize)), n => Assert.Equal(ElementType.Int8, n.Output.Type));
            Assert.Equal(graph.Macs, again.Macs);
            var bytes = OnnxNetworks.RandomBytes(graph, 7);
            var feed = input == ElementType.Float32
                ? System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(OnnxNetworks.RandomInput(graph, 7)) : bytes;
            Assert.Equal(OnnxNetworks.RunBytes(graph, feed), OnnxNetworks.RunBytes(again, feed));
        }
    }

    [Theory]
    [InlineData(OnnxQuantization.Qdq, OnnxWeights.UInt8)]
    [InlineData(OnnxQuantization.Qdq, OnnxWeights.Int8)]
    [InlineData(OnnxQuantization.QOperator, OnnxWeights.UInt8)]
    [InlineData(OnnxQuantization.QOperator, OnnxWeights.Int8)]
    public void Weights_of_either_type_are_read_back_as_they_were_with_one_scale_a_layer_or_a_channel(OnnxQuantization form, OnnxWeights weights)
    {
        var scales = new HashSet<bool>();
        for (var seed = 1; seed <= 20; seed++)
        {
            var graph = OnnxNetworks.RandomInt8(seed);
            var file = OnnxWriter.ToBytes(graph, 17, form, weights);
            var again = OnnxReader.Read(file, "again.onnx");
            foreach (var layer in graph.Nodes.Where(n => n.Operator is Conv2D or DepthwiseConv2D or Dense))
            {
                var (w, read) = (layer.Inputs[1], again.Nodes.Single(n => n.Name == layer.Name).Inputs[1]);
                Assert.Equal(ElementType.Int8, read.Type);
                Assert.Equal(w.Quantization, read.Quantization);
                Assert.True(w.Constant!.Bytes.SequenceEqual(read.Constant!.Bytes), $"{graph.Name}: {w.Name}");
                scales.Add(w.Quantization!.IsPerChannel);
            }

            var types = ModelProto.Parser.ParseFrom(file).Graph.Initializer.Where(i => i.Dims.Count > 1).Select(i => i.DataType).Distinct();
            Assert.Equal([(int)(weights == OnnxWeights.UInt8 ? OnnxDataType.UInt8 : OnnxDataType.Int8)], types);
            var input = OnnxNetworks.RandomBytes(graph, seed);
            Assert.Equal(OnnxNetworks.RunBytes(graph, input), OnnxNetworks.RunBytes(again, input));
        }

        Assert.Equal([false, true], scales.Order());
    }

    [Theory]
    [InlineData(OnnxQuantization.Qdq)]
    [InlineData(OnnxQuantization.QOperator)]
    public void An_int8_file_runs_in_the_arithmetic_of_ONNX_unless_another_is_asked_for(OnnxQuantization form)
    {
        var differing = 0;
        for (var seed = 1; seed <= 20; seed++)
        {
            var graph = OnnxNetworks.RandomInt8(seed);
            var read = OnnxReader.Read(OnnxWriter.ToBytes(graph, 17, form), "again.onnx");
            var input = OnnxNetworks.RandomBytes(graph, seed);
            var expected = OnnxNetworks.RunBytes(graph, input, Int8Arithmetic.Xnnpack);
            Assert.Equal(expected, OnnxNetworks.RunBytes(read, input, null));
            var micro = OnnxNetworks.RunBytes(read, input, Int8Arithmetic.TfliteMicro);
            Assert.Equal(OnnxNetworks.RunBytes(graph, input, null), micro);
            differing += micro.AsSpan().SequenceEqual(expected) ? 0 : 1;
        }

        Assert.True(differing > 0, "no network tells the two apart");
        Assert.Null(OnnxReader.Read(OnnxWriter.ToBytes(OnnxNetworks.ByName("squeeze")), "float.onnx").Metadata.Arithmetic);
    }

    [Fact]
    public void An_int8_network_needs_the_opset_that_has_its_form()
    {
        var graph = OnnxNetworks.Int8("squeeze");
        Assert.Contains("13 to 21", Assert.Throws<KindlingException>(() => OnnxWriter.ToBytes(graph, 12)).Message, StringComparison.Ordinal);
        var qOperator = OnnxReader.Read(OnnxWriter.ToBytes(graph, 12, OnnxQuantization.QOperator), "again.onnx");
        Assert.Equal(graph.Macs, qOperator.Macs);
    }

    internal static void AssertClose(float[] expected, float[] actual, float tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        var largest = expected.Max(MathF.Abs);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(MathF.Abs(expected[i] - actual[i]) <= tolerance * MathF.Max(largest, 1e-3f), $"element {i}: {actual[i]} instead of {expected[i]}");
    }
}
