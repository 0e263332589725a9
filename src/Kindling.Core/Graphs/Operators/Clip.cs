using Kindling.Tensors;

namespace Kindling.Graphs.Operators;

/// <summary>min(max(x, Min), Max): ReLU, ReLU6 and every other clipping.</summary>
/// <param name="Min">Smallest output.</param>
/// <param name="Max">Largest output.</param>
public sealed record Clip(float Min, float Max) : Operator
{
    /// <summary>max(x, 0).</summary>
    public static Clip Relu { get; } = new(0, float.PositiveInfinity);

    /// <summary>min(max(x, 0), 6).</summary>
    public static Clip Relu6 { get; } = new(0, 6);

    /// <inheritdoc/>
    public override string Kind => (Min, Max) switch
    {
        (0, float.PositiveInfinity) => "RELU",
        (0, 6) => "RELU6",
        _ => "CLIP",
    };

    /// <inheritdoc/>
    public override bool CanRunInPlace => true;

    /// <summary>The fused activation that does the same; null when there is none.</summary>
    public Activation? AsActivation() => (Min, Max) switch
    {
        (float.NegativeInfinity, float.PositiveInfinity) => Activation.None,
        (0, float.PositiveInfinity) => Activation.Relu,
        (0, 6) => Activation.Relu6,
        (-1, 1) => Activation.ReluN1To1,
        _ => null,
    };

    /// <inheritdoc/>
    public override Shape Infer(string node, IReadOnlyList<Value> inputs)
    {
        RequireInputs(node, inputs, 1, 1);
        if (!(Min <= Max))
            Fail(node, $"range {Min} to {Max} is empty");
        return inputs[0].Shape;
    }
}
