using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Deployment.Generation.Operators;

/// <summary>CONCATENATION whose producers could not write in place, and RESHAPE whose input lives on: copies.</summary>
internal static class ConcatEmitter
{
    public static void Emit(NetworkSource source, Node node, Concat concat)
    {
        var output = node.Output;
        if (concat.Activation != Activation.None)
            throw source.Fail($"activation {concat.Activation} has no C kernel here");
        source.RequireContiguous(output);
        var outer = output.Shape.Take(concat.Axis).Aggregate(1, (product, d) => product * d);
        var inner = output.Shape.Skip(concat.Axis + 1).Aggregate(1, (product, d) => product * d);
        var quantization = source.Int8(output);
        var offset = 0;
        for (var i = 0; i < node.Inputs.Count; i++)
        {
            var input = node.Inputs[i];
            source.RequireContiguous(input);
            if (!quantization.Equals(source.Int8(input)))
                throw source.Fail($"{input.Name} has another scale or zero point than the result");
            var address = Operands.Address(source, input);
            var name = $"{source.LayerName}_{i}";
            var bytes = input.Shape[concat.Axis] * inner;
            Describe(source, name, outer, bytes, output.Shape[concat.Axis] * inner);
            source.Call("kindling_concat_s8", $"&{name}, {address}, {source.At(output)} + {offset}");
            offset += bytes;
        }
    }

    public static void EmitCopy(NetworkSource source, Node node)
    {
        var (input, output) = (node.Inputs[0], node.Output);
        source.RequireContiguous(input);
        source.RequireContiguous(output);
        Describe(source, source.LayerName, 1, (int)output.Bytes, (int)output.Bytes);
        source.Call("kindling_concat_s8", $"{source.Layer}, {source.At(input)}, {source.At(output)}");
    }

    private static void Describe(NetworkSource source, string name, int blocks, int bytes, int stride) =>
        source.Layers.Append($"static const kindling_concat {name} = {{ {blocks}, {bytes}, {stride} }};\n\n");
}
