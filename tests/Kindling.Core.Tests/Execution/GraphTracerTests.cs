using System.Runtime.InteropServices;
using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Numerics;
using Kindling.Tensors;

namespace Kindling.Tests.Execution;

/// <summary>A trace sums up every intermediate value of a graph as written.</summary>
public sealed class GraphTracerTests
{
    [Fact]
    public void Every_operator_has_its_checksum_and_range_in_order_and_nothing_is_fused()
    {
        var b = new GraphBuilder("traced");
        var x = b.Input("x", 1, 1, 2, 2);
        var y = b.Relu(b.Pad(x, new Padding(0, 1, 0, 0), "pad"), "relu");
        float[] input = [-3, 2, 5, -1];
        var steps = GraphTracer.Run(b.Build(null, y), MemoryMarshal.AsBytes(input.AsSpan()), out var outputs);
        Assert.Equal(["PAD", "RELU"], steps.Select(s => s.Operator));
        Assert.Equal(["pad", "relu"], steps.Select(s => s.Name));
        Assert.Equal((-3.0, 5.0), (steps[0].Min, steps[0].Max));
        Assert.Equal((0.0, 5.0), (steps[1].Min, steps[1].Max));
        float[] expected = [0, 0, 0, 2, 5, 0];
        Assert.Equal(expected, outputs[0].AsSpan<float>().ToArray());
        Assert.Equal(Crc32.Compute(MemoryMarshal.AsBytes(expected.AsSpan())), steps[1].Crc32);
        Assert.Equal(new Shape(1, 1, 3, 2), steps[1].Shape);
    }

    [Fact]
    public void An_input_of_the_wrong_size_is_refused_with_both_sizes()
    {
        var b = new GraphBuilder("traced");
        var graph = b.Build(null, b.Relu(b.Input("x", 1, 4)));
        var fault = Assert.Throws<KindlingException>(() => GraphTracer.Run(graph, new byte[3]));
        Assert.Contains("3 bytes", fault.Message, StringComparison.Ordinal);
        Assert.Contains("16", fault.Message, StringComparison.Ordinal);
    }
}
