using System.Runtime.InteropServices;
using Kindling.Execution;
using Kindling.Formats.Tflite;
using Kindling.Graphs;
using Kindling.Tensors;

namespace Kindling.Tests.Tflite;

/// <summary>The published int8 models give exactly what TensorFlow Lite Micro gives, operator by operator.</summary>
public sealed class GoldenTests
{
    public static TheoryData<string> Models =>
    [
        "mobilenet_v1_0.25_96", "squeezenet_v1.1_128", "mobilenet_v1_0.25_96_grayscale", "mobilenet_v1_0.25_224", "mobilenet_v1_0.5_224",
        "squeezenet_v1.1_224", "st_efficientnet_lc_v1_128", "st_efficientnet_lc_v1_224",
    ];

    [Theory]
    [MemberData(nameof(Models))]
    public void Every_operator_of_a_published_model_has_the_checksum_TFLite_Micro_gets(string name)
    {
        var golden = GoldenModels.Load(name);
        var graph = TfliteReader.Read(golden.Path);
        // Operators that only compute shapes disappear when a file is read.
        var operators = golden.Operators.Where(o => o.Operator is not ("SHAPE" or "STRIDED_SLICE" or "PACK")).ToList();
        for (var input = 0; input < 2; input++)
        {
            var steps = GraphTracer.Run(graph, InputOf(graph, input), out var outputs);
            Assert.Equal(operators.Count, steps.Count);
            for (var i = 0; i < steps.Count; i++)
            {
                if (operators[i].Operator is not ("MINIMUM" or "MAXIMUM"))
                    Assert.Equal(operators[i].Operator, steps[i].Operator);
                Assert.True(operators[i].Crc[input] == steps[i].Crc32, $"input {input}: operator {i}, {steps[i].Operator} {steps[i].Name}, differs");
            }

            Assert.Equal(golden.Outputs[input], Bits(outputs[0]));
        }
    }

    [Theory]
    [InlineData("mobilenet_v1_0.25_96")]
    [InlineData("squeezenet_v1.1_128")]
    public void The_scalar_reference_kernels_give_the_same_checksums(string name)
    {
        var golden = GoldenModels.Load(name);
        var graph = TfliteReader.Read(golden.Path);
        for (var input = 0; input < 2; input++)
        {
            var steps = GraphTracer.Run(graph, InputOf(graph, input), out var outputs, useReferenceKernels: true);
            Assert.Equal(golden.Operators.Select(o => o.Crc[input]), steps.Select(s => s.Crc32));
            Assert.Equal(golden.Outputs[input], Bits(outputs[0]));
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void The_optimized_graph_gives_the_same_outputs(string name)
    {
        var golden = GoldenModels.Load(name);
        var graph = TfliteReader.Read(golden.Path);
        using var executor = Executor.Compile(graph);
        for (var input = 0; input < 2; input++)
        {
            InputOf(graph, input).CopyTo(executor.InputBytes());
            executor.Run();
            Assert.Equal(golden.Outputs[input], MemoryMarshal.Cast<float, uint>(executor.Output<float>()).ToArray());
        }
    }

    [Theory]
    [InlineData("mobilenet_v1_0.25_96")]
    [InlineData("squeezenet_v1.1_128")]
    public void A_batch_gives_each_sample_its_own_answer_on_any_number_of_threads(string name)
    {
        var golden = GoldenModels.Load(name);
        var graph = TfliteReader.Read(golden.Path);
        foreach (var threads in new[] { 1, 3 })
        {
            using var executor = Executor.Compile(graph, new ExecutorOptions { Batch = 2, Threads = threads });
            InputOf(graph, 0).CopyTo(executor.InputBytes());
            InputOf(graph, 1).CopyTo(executor.InputBytes()[(int)graph.Inputs[0].Bytes..]);
            executor.Run();
            Assert.Equal(golden.Outputs[0].Concat(golden.Outputs[1]), MemoryMarshal.Cast<float, uint>(executor.Output<float>()).ToArray());
        }
    }

    internal static byte[] InputOf(Graph graph, int index)
    {
        var shape = graph.Inputs[0].Shape;
        return GoldenModels.Input(index, shape.Height, shape.Width, shape.Channels);
    }

    private static uint[] Bits(Tensor tensor) => MemoryMarshal.Cast<float, uint>(tensor.AsSpan<float>()).ToArray();
}
