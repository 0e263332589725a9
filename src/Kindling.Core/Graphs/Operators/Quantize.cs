using Kindling.Tensors;

namespace Kindling.Graphs.Operators;

/// <summary>Float to 8 bits, or from one scale and zero point to another: round(x / scale) + zero point, clamped. The output value carries both.</summary>
public sealed record Quantize : Operator
{
    /// <inheritdoc/>
    public override string Kind => "QUANTIZE";

    /// <inheritdoc/>
    public override bool CanRunInPlace => true;

    /// <inheritdoc/>
    public override Shape Infer(string node, IReadOnlyList<Value> inputs)
    {
        RequireInputs(node, inputs, 1, 1);
        return inputs[0].Shape;
    }
}
