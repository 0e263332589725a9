using System.Numerics;
using System.Runtime.InteropServices;
using Kindling.Graphs;
using Kindling.Numerics;
using Kindling.Tensors;

namespace Kindling.Execution;

/// <summary>Runs a graph operator by operator, as written and in order, and sums up every intermediate value: how two runtimes are compared.</summary>
public static class GraphTracer
{
    /// <summary>Traces one sample.</summary>
    /// <param name="graph">A graph with one input.</param>
    /// <param name="input">The input's bytes, row-major and little-endian.</param>
    /// <exception cref="KindlingException">The graph has several inputs, or the bytes do not fill the one there is.</exception>
    public static IReadOnlyList<TraceStep> Run(Graph graph, ReadOnlySpan<byte> input) => Run(graph, input, out _);

    /// <summary>Traces one sample and hands out the outputs as well.</summary>
    /// <param name="graph">A graph with one input.</param>
    /// <param name="input">The input's bytes, row-major and little-endian.</param>
    /// <param name="outputs">The outputs of the graph, in order.</param>
    /// <param name="useReferenceKernels">True takes the scalar kernels.</param>
    /// <param name="arithmetic">How integer kernels round; null takes what travels with the graph.</param>
    /// <param name="visit">Is given each node with the bytes of its output, valid during the call.</param>
    /// <exception cref="KindlingException">The graph has several inputs, or the bytes do not fill the one there is.</exception>
    public static IReadOnlyList<TraceStep> Run(
        Graph graph, ReadOnlySpan<byte> input, out IReadOnlyList<Tensor> outputs, bool useReferenceKernels = false,
        Int8Arithmetic? arithmetic = null, Action<Node, ReadOnlySpan<byte>>? visit = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        if (graph.Inputs.Count != 1)
            throw new KindlingException($"{graph.Name} has {graph.Inputs.Count} inputs; a trace takes models with one");
        using var executor = Executor.Compile(
            graph, new ExecutorOptions { Optimize = false, KeepAllValues = true, UseReferenceKernels = useReferenceKernels, Arithmetic = arithmetic });
        var expected = graph.Inputs[0];
        if (input.Length != expected.Bytes)
            throw new KindlingException($"the input has {input.Length} bytes, {expected.Name} {expected.Shape} of {expected.Type.Name()} takes {expected.Bytes}");
        input.CopyTo(executor.InputBytes());
        executor.Run();
        var steps = new List<TraceStep>();
        foreach (var node in graph.Nodes)
        {
            var bytes = executor.ValueBytes(node.Output);
            visit?.Invoke(node, bytes);
            var (min, max) = Range(node.Output.Type, bytes);
            steps.Add(new TraceStep(node.Operator.Kind, node.Output.Name, node.Output.Shape, Crc32.Compute(bytes), min, max));
        }

        outputs = [.. graph.Outputs.Select(o => Tensor.FromBytes(o.Type, o.Shape, executor.ValueBytes(o)))];
        return steps;
    }

    private static (double Min, double Max) Range(ElementType type, ReadOnlySpan<byte> bytes) => type switch
    {
        ElementType.Float32 => Range(MemoryMarshal.Cast<byte, float>(bytes)),
        ElementType.Int8 => Range(MemoryMarshal.Cast<byte, sbyte>(bytes)),
        ElementType.UInt8 => Range(bytes),
        ElementType.Int32 => Range(MemoryMarshal.Cast<byte, int>(bytes)),
        ElementType.Int64 => Range(MemoryMarshal.Cast<byte, long>(bytes)),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    private static (double Min, double Max) Range<T>(ReadOnlySpan<T> values)
        where T : INumber<T>
    {
        if (values.IsEmpty)
            return (0, 0);
        var (min, max) = (values[0], values[0]);
        foreach (var value in values)
        {
            min = T.Min(min, value);
            max = T.Max(max, value);
        }

        return (double.CreateChecked(min), double.CreateChecked(max));
    }
}
