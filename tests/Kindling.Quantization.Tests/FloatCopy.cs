using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Quantization.Tests;

/// <summary>The float network an int8 network stands for: the same layers with the numbers its integers represent.</summary>
internal static class FloatCopy
{
    public static Graph Of(Graph int8, ModelMetadata metadata)
    {
        var values = new Dictionary<Value, Value>();
        var nodes = new List<Node>();
        foreach (var input in int8.Inputs)
            values[input] = new Value(input.Name, ElementType.Float32, input.Shape);
        foreach (var node in int8.Nodes)
        {
            if (node.Operator is Quantize or Dequantize)
            {
                values[node.Output] = values[node.Inputs[0]];
                continue;
            }

            var inputs = node.Inputs.Select((v, i) => v.IsConstant ? Constant(v, i == 2 ? node : null) : values[v]).ToList();
            values[node.Output] = new Value(node.Output.Name, ElementType.Float32, node.Output.Shape);
            nodes.Add(new Node(node.Name, node.Operator, inputs, values[node.Output]));
        }

        return new Graph(int8.Name, [.. int8.Inputs.Select(v => values[v])], [.. int8.Outputs.Select(v => values[v])], nodes, metadata);
    }

    private static Value Constant(Value value, Node? biased)
    {
        var tensor = new Tensor(ElementType.Float32, value.Shape);
        var floats = tensor.AsSpan<float>();
        if (biased is not null)
        {
            var weightScales = biased.Inputs[1].Quantization!.Scales;
            for (var c = 0; c < floats.Length; c++)
            {
                floats[c] = value.Constant!.AsSpan<int>()[c]
                    * (biased.Inputs[0].Quantization!.Scale * weightScales[weightScales.Count == 1 ? 0 : c]);
            }
        }
        else
        {
            var q = value.Quantization!;
            var inner = value.Shape.Skip(q.Axis + 1).Aggregate(1, (product, d) => product * d);
            for (var i = 0; i < floats.Length; i++)
                floats[i] = value.Constant!.AsSpan<sbyte>()[i] * q.Scales[i / inner % q.Scales.Count];
        }

        return new Value(value.Name, tensor);
    }
}
