using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Training.QuantizationAware;

/// <summary>
/// Rounds activations to the steps of an 8-bit value and clips them to its range, in floats: what an int8 network will see. The gradient
/// passes as if nothing had been rounded, where nothing was clipped (straight-through estimator, Bengio and others 2013; Jacob and others
/// 2018, section 3). Exists in training only.
/// </summary>
/// <param name="Scale">The step.</param>
/// <param name="ZeroPoint">The int8 value that stands for zero.</param>
public sealed record FakeQuantize(float Scale, int ZeroPoint) : Operator
{
    /// <inheritdoc/>
    public override string Kind => "FAKE_QUANT";

    /// <inheritdoc/>
    public override bool CanRunInPlace => true;

    /// <summary>The smallest number int8 can represent.</summary>
    public float Low => (-128 - ZeroPoint) * Scale;

    /// <summary>The largest number int8 can represent.</summary>
    public float High => (127 - ZeroPoint) * Scale;

    /// <inheritdoc/>
    public override Shape Infer(string node, IReadOnlyList<Value> inputs)
    {
        RequireInputs(node, inputs, 1, 1);
        return inputs[0].Shape;
    }
}
