using Kindling.Tensors;

namespace Kindling.Graphs.Operators;

/// <summary>x where x is positive, Alpha * x elsewhere.</summary>
/// <param name="Alpha">Slope below 0.</param>
public sealed record LeakyRelu(float Alpha) : Operator
{
    /// <inheritdoc/>
    public override string Kind => "LEAKY_RELU";

    /// <inheritdoc/>
    public override bool CanRunInPlace => true;

    /// <inheritdoc/>
    public override Shape Infer(string node, IReadOnlyList<Value> inputs)
    {
        RequireInputs(node, inputs, 1, 1);
        if (!float.IsFinite(Alpha))
            Fail(node, $"slope {Alpha} is not finite");
        return inputs[0].Shape;
    }
}
