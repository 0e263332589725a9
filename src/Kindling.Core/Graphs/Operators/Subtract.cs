using Kindling.Tensors;

namespace Kindling.Graphs.Operators;

/// <summary>Element-by-element difference. The second input has the shape of the first, or one value a channel.</summary>
/// <param name="Activation">Applied to the difference.</param>
public sealed record Subtract(Activation Activation = Activation.None) : Operator
{
    /// <inheritdoc/>
    public override string Kind => "SUB";

    /// <inheritdoc/>
    public override bool CanRunInPlace => true;

    /// <inheritdoc/>
    public override Shape Infer(string node, IReadOnlyList<Value> inputs)
    {
        RequireInputs(node, inputs, 2, 2);
        if (!inputs[0].Shape.Equals(inputs[1].Shape) && !Broadcast.IsPerChannel(inputs[0].Shape, inputs[1].Shape))
            Fail(node, $"{inputs[1].Shape} cannot be subtracted from {inputs[0].Shape}");
        return inputs[0].Shape;
    }
}
