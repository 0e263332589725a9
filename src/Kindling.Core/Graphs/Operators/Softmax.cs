using Kindling.Tensors;

namespace Kindling.Graphs.Operators;

/// <summary>exp(Beta x) over the last dimension, divided by its sum.</summary>
/// <param name="Beta">Factor before the exponential.</param>
public sealed record Softmax(float Beta = 1) : Operator
{
    /// <inheritdoc/>
    public override string Kind => "SOFTMAX";

    /// <inheritdoc/>
    public override bool CanRunInPlace => true;

    /// <inheritdoc/>
    public override Shape Infer(string node, IReadOnlyList<Value> inputs)
    {
        RequireInputs(node, inputs, 1, 1);
        if (inputs[0].Shape.Rank < 1)
            Fail(node, "needs at least one dimension");
        return inputs[0].Shape;
    }
}
