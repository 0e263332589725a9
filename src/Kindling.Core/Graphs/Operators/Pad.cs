using Kindling.Tensors;

namespace Kindling.Graphs.Operators;

/// <summary>Rows and columns of a constant around an image. The constant is 0.0 (the zero point when quantized).</summary>
/// <param name="Padding">Rows and columns added.</param>
public sealed record Pad(Padding Padding) : Operator
{
    /// <inheritdoc/>
    public override string Kind => "PAD";

    /// <inheritdoc/>
    public override Shape Infer(string node, IReadOnlyList<Value> inputs)
    {
        RequireInputs(node, inputs, 1, 1);
        var x = RequireImage(node, inputs[0]);
        if (Padding.Top < 0 || Padding.Left < 0 || Padding.Bottom < 0 || Padding.Right < 0)
            Fail(node, $"{Padding} is negative");
        return new Shape(x.Batch, x.Height + Padding.Top + Padding.Bottom, x.Width + Padding.Left + Padding.Right, x.Channels);
    }
}
