using Kindling.Tensors;

namespace Kindling.Graphs.Operators;

/// <summary>
/// Sets a share of the elements, or of the whole samples, to zero while training and scales the rest by 1 / (1 - Rate); the identity otherwise.
/// </summary>
/// <param name="Rate">Share dropped, 0 to below 1.</param>
/// <param name="PerSample">
/// True keeps or drops each sample as a whole: drop-connect or stochastic depth of residual branches (Huang et al. 2016; Tan and Le 2019), Keras'
/// noise shape <c>[N, 1, 1, 1]</c>.
/// </param>
public sealed record Dropout(float Rate, bool PerSample = false) : Operator
{
    /// <inheritdoc/>
    public override string Kind => "DROPOUT";

    /// <inheritdoc/>
    public override bool CanRunInPlace => true;

    /// <inheritdoc/>
    public override Shape Infer(string node, IReadOnlyList<Value> inputs)
    {
        RequireInputs(node, inputs, 1, 1);
        if (Rate is not (>= 0 and < 1))
            Fail(node, $"rate {Rate} is not in 0 to 1");
        return inputs[0].Shape;
    }
}
