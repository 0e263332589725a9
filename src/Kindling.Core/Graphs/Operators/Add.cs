using Kindling.Tensors;

namespace Kindling.Graphs.Operators;

/// <summary>Element-by-element sum of two values of the same shape.</summary>
/// <param name="Activation">Applied to the sum.</param>
public sealed record Add(Activation Activation = Activation.None) : Operator
{
    /// <inheritdoc/>
    public override string Kind => "ADD";

    /// <inheritdoc/>
    public override bool CanRunInPlace => true;

    /// <inheritdoc/>
    public override Shape Infer(string node, IReadOnlyList<Value> inputs)
    {
        RequireInputs(node, inputs, 2, 2);
        if (!inputs[0].Shape.Equals(inputs[1].Shape) && !Broadcast.IsPerChannel(inputs[0].Shape, inputs[1].Shape))
            Fail(node, $"{inputs[0].Shape} and {inputs[1].Shape} cannot be added");
        return inputs[0].Shape;
    }
}
