using Kindling.Tensors;

namespace Kindling.Graphs.Operators;

/// <summary>
/// Batch normalization: <c>gamma * (x - mean) / sqrt(variance + Epsilon) + beta</c> for each channel. Inputs: activations, gamma, beta,
/// moving mean, moving variance (each <c>[C]</c>). While training, the batch's own statistics are used and the moving ones follow with
/// <c>moving = Momentum * moving + (1 - Momentum) * batch</c> (Ioffe and Szegedy 2015; Keras' convention for the momentum).
/// </summary>
/// <param name="Epsilon">Added to the variance.</param>
/// <param name="Momentum">Share of the old moving statistics kept each step.</param>
public sealed record BatchNorm(float Epsilon = 1e-3f, float Momentum = 0.99f) : Operator
{
    /// <inheritdoc/>
    public override string Kind => "BATCH_NORM";

    /// <inheritdoc/>
    public override bool CanRunInPlace => true;

    /// <inheritdoc/>
    public override Shape Infer(string node, IReadOnlyList<Value> inputs)
    {
        RequireInputs(node, inputs, 5, 5);
        var channels = inputs[0].Shape.Channels;
        foreach (var parameter in inputs.Skip(1))
        {
            if (parameter.Shape.ElementCount != channels)
                Fail(node, $"{parameter.Name} is {parameter.Shape}, the input has {channels} channels");
        }

        return inputs[0].Shape;
    }

    /// <inheritdoc/>
    public override IEnumerable<Value> ParameterInputs(IReadOnlyList<Value> inputs) => inputs.Skip(1);
}
