using Kindling.Tensors;

namespace Kindling.Graphs.Operators;

/// <summary>The mean of each channel over the whole image: TFLite's MEAN over axes 1 and 2. Input <c>[N, H, W, C]</c>.</summary>
/// <param name="KeepDimensions">Output <c>[N, 1, 1, C]</c> instead of <c>[N, C]</c>.</param>
public sealed record GlobalAveragePool(bool KeepDimensions = false) : Operator
{
    /// <inheritdoc/>
    public override string Kind => "MEAN";

    /// <inheritdoc/>
    public override Shape Infer(string node, IReadOnlyList<Value> inputs)
    {
        RequireInputs(node, inputs, 1, 1);
        var x = RequireImage(node, inputs[0]);
        if (x.Height < 1 || x.Width < 1)
            Fail(node, $"input {x} has no pixels");
        return KeepDimensions ? new Shape(x.Batch, 1, 1, x.Channels) : new Shape(x.Batch, x.Channels);
    }
}
