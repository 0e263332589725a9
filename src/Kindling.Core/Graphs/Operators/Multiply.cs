using Kindling.Tensors;

namespace Kindling.Graphs.Operators;

/// <summary>
/// Element-by-element product. The second input has the shape of the first, or one value a channel:
/// <c>[N, 1, 1, C]</c> (squeeze-and-excite) or a constant <c>[C]</c>.
/// </summary>
/// <param name="Activation">Applied to the product.</param>
public sealed record Multiply(Activation Activation = Activation.None) : Operator
{
    /// <inheritdoc/>
    public override string Kind => "MUL";

    /// <inheritdoc/>
    public override bool CanRunInPlace => true;

    /// <inheritdoc/>
    public override Shape Infer(string node, IReadOnlyList<Value> inputs)
    {
        RequireInputs(node, inputs, 2, 2);
        if (!inputs[0].Shape.Equals(inputs[1].Shape) && !Broadcast.IsPerChannel(inputs[0].Shape, inputs[1].Shape))
            Fail(node, $"{inputs[0].Shape} and {inputs[1].Shape} cannot be multiplied");
        return inputs[0].Shape;
    }
}
