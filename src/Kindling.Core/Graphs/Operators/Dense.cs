using Kindling.Tensors;

namespace Kindling.Graphs.Operators;

/// <summary>
/// Fully connected layer. Inputs: activations <c>[N, I]</c>, weights <c>[O, I]</c>, optional bias <c>[O]</c>. Output <c>[N, O]</c>.
/// </summary>
/// <param name="Activation">Applied to the sum.</param>
public sealed record Dense(Activation Activation = Activation.None) : Operator
{
    /// <inheritdoc/>
    public override string Kind => "FULLY_CONNECTED";

    /// <inheritdoc/>
    public override Shape Infer(string node, IReadOnlyList<Value> inputs)
    {
        RequireInputs(node, inputs, 2, 3);
        var x = inputs[0].Shape;
        var w = inputs[1].Shape;
        if (x.Rank != 2)
            Fail(node, $"input {inputs[0].Name} is {x}, not [N, I]");
        if (w.Rank != 2 || w[1] != x[1])
            Fail(node, $"weights {w} do not fit an input of {x[1]} features");
        if (inputs.Count > 2 && (inputs[2].Shape.Rank != 1 || inputs[2].Shape[0] != w[0]))
            Fail(node, $"bias {inputs[2].Shape} does not fit {w[0]} outputs");
        return new Shape(x.Batch, w[0]);
    }

    /// <inheritdoc/>
    public override long Macs(IReadOnlyList<Value> inputs, Shape output)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(output);
        return (long)output.Batch * inputs[1].Shape.ElementCount;
    }

    /// <inheritdoc/>
    public override IEnumerable<Value> ParameterInputs(IReadOnlyList<Value> inputs) => inputs.Skip(1);
}
