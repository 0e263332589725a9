using Kindling.Tensors;

namespace Kindling.Graphs.Operators;

/// <summary>x * min(max(x + 3, 0), 6) / 6 (Howard et al. 2019).</summary>
public sealed record HardSwish : Operator
{
    /// <inheritdoc/>
    public override string Kind => "HARD_SWISH";

    /// <inheritdoc/>
    public override bool CanRunInPlace => true;

    /// <inheritdoc/>
    public override Shape Infer(string node, IReadOnlyList<Value> inputs)
    {
        RequireInputs(node, inputs, 1, 1);
        return inputs[0].Shape;
    }
}
