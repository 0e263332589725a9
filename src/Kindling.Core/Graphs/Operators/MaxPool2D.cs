using Kindling.Tensors;

namespace Kindling.Graphs.Operators;

/// <summary>The largest value under a sliding window; padding never wins. Input <c>[N, H, W, C]</c>.</summary>
/// <param name="Kernel">The window.</param>
/// <param name="Stride">Step of the window.</param>
/// <param name="Padding">Rows and columns around the input that are ignored (ceil mode is extra padding below and to the right).</param>
/// <param name="Activation">Applied to the maximum.</param>
public sealed record MaxPool2D(Size2D Kernel, Size2D Stride, Padding Padding, Activation Activation = Activation.None) : Operator
{
    /// <inheritdoc/>
    public override string Kind => "MAX_POOL_2D";

    /// <inheritdoc/>
    public override bool CanWriteSlice => true;

    /// <inheritdoc/>
    public override Shape Infer(string node, IReadOnlyList<Value> inputs)
    {
        RequireInputs(node, inputs, 1, 1);
        var x = RequireImage(node, inputs[0]);
        return Conv2D.WindowShape(this, node, x, Kernel, Stride, Padding, 1, x.Channels);
    }
}
