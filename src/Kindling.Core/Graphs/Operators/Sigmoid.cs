using Kindling.Tensors;

namespace Kindling.Graphs.Operators;

/// <summary>1 / (1 + exp(-x)).</summary>
public sealed record Sigmoid : Operator
{
    /// <inheritdoc/>
    public override string Kind => "LOGISTIC";

    /// <inheritdoc/>
    public override bool CanRunInPlace => true;

    /// <inheritdoc/>
    public override Shape Infer(string node, IReadOnlyList<Value> inputs)
    {
        RequireInputs(node, inputs, 1, 1);
        return inputs[0].Shape;
    }
}
