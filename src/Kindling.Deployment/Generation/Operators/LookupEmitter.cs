using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Tensors;

namespace Kindling.Deployment.Generation.Operators;

/// <summary>Operators that map each value on its own: the host's kernel fills a table of all 256 answers.</summary>
internal static class LookupEmitter
{
    public static void Emit(NetworkSource source, Node node)
    {
        var (input, output) = (node.Inputs[0], node.Output);
        source.RequireContiguous(input);
        source.RequireContiguous(output);
        var table = source.Table("int8_t", 1, Evaluate(node.Operator, source.Int8(input), source.Int8(output)));
        source.Call("kindling_lookup_s8", $"{table}, {source.Count(output)}, {source.At(input)}, {source.At(output)}");
    }

    private static int[] Evaluate(Graphs.Operators.Operator op, Quantization from, Quantization to)
    {
        var input = new Value("input", ElementType.Int8, new Shape(1, 256), from);
        var output = new Value("output", ElementType.Int8, new Shape(1, 256), to);
        var graph = new Graph("table", [input], [output], [new Node("table", op, [input], output)]);
        using var executor = Executor.Compile(graph, new ExecutorOptions { Threads = 1, Optimize = false });
        for (var i = 0; i < 256; i++)
            executor.Input<sbyte>()[i] = (sbyte)(i - 128);
        executor.Run();
        return CText.Signed(executor.ValueBytes(output));
    }
}
