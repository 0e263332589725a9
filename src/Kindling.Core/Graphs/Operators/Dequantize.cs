using Kindling.Tensors;

namespace Kindling.Graphs.Operators;

/// <summary>8 bits to float: scale * (q - zero point) of the input value.</summary>
public sealed record Dequantize : Operator
{
    /// <inheritdoc/>
    public override string Kind => "DEQUANTIZE";

    /// <inheritdoc/>
    public override Shape Infer(string node, IReadOnlyList<Value> inputs)
    {
        RequireInputs(node, inputs, 1, 1);
        return inputs[0].Shape;
    }
}
