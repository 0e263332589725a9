using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Quantization;

/// <summary>
/// The float network an int8 network stands for: the same layers with the numbers its integers represent. What is lost by rounding activations is seen by
/// comparing the two, without the float model that the int8 one was made from.
/// </summary>
public static class FloatTwin
{
    /// <summary>Builds the float network; values keep their names, quantizing and dequantizing disappears.</summary>
    /// <param name="int8">An int8 network.</param>
    /// <exception cref="KindlingException">A constant has no scale; the message names it.</exception>
    public static Graph Of(Graph int8)
    {
        ArgumentNullException.ThrowIfNull(int8);
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

            foreach (var (constant, index) in node.Inputs.Select((v, i) => (v, i)).Where(p => p.v.IsConstant && !values.ContainsKey(p.v)))
                values[constant] = index == 2 ? Bias(constant, node) : Constant(constant);
            values[node.Output] = new Value(node.Output.Name, ElementType.Float32, node.Output.Shape);
            nodes.Add(new Node(node.Name, node.Operator, [.. node.Inputs.Select(v => values[v])], values[node.Output]));
        }

        return new Graph(int8.Name, [.. int8.Inputs.Select(v => values[v])], [.. int8.Outputs.Select(v => values[v])], nodes, int8.Metadata);
    }

    /// <summary>A bias counts in steps of input scale times weight scale.</summary>
    private static Value Bias(Value value, Node node)
    {
        if (value.Type == ElementType.Float32)
            return value;
        var input = Scales(node.Inputs[0]).Scale;
        var weights = Scales(node.Inputs[1]).Scales;
        var tensor = new Tensor(ElementType.Float32, value.Shape);
        var floats = tensor.AsSpan<float>();
        for (var c = 0; c < floats.Length; c++)
            floats[c] = value.Constant!.AsSpan<int>()[c] * (input * weights[weights.Count == 1 ? 0 : c]);
        return new Value(value.Name, tensor);
    }

    private static Value Constant(Value value)
    {
        if (value.Type == ElementType.Float32)
            return value;
        var q = Scales(value);
        var tensor = new Tensor(ElementType.Float32, value.Shape);
        var floats = tensor.AsSpan<float>();
        var inner = value.Shape.Skip(q.Axis + 1).Aggregate(1, (product, d) => product * d);
        for (var i = 0; i < floats.Length; i++)
        {
            var channel = i / inner % q.Scales.Count;
            floats[i] = (value.Constant!.AsSpan<sbyte>()[i] - q.ZeroPoints[channel]) * q.Scales[channel];
        }

        return new Value(value.Name, tensor);
    }

    private static Tensors.Quantization Scales(Value value) => value.Quantization
        ?? throw new KindlingException($"{value.Name} is {value.Type.Name()} without a scale; only int8 networks have a float twin");
}
