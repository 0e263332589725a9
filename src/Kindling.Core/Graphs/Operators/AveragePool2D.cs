using Kindling.Tensors;

namespace Kindling.Graphs.Operators;

/// <summary>The mean under a sliding window. Input <c>[N, H, W, C]</c>.</summary>
/// <param name="Kernel">The window.</param>
/// <param name="Stride">Step of the window.</param>
/// <param name="Padding">Rows and columns around the input.</param>
/// <param name="CountIncludesPadding">False (TFLite): divide by the pixels inside the image; true: by the whole window.</param>
/// <param name="Activation">Applied to the mean.</param>
public sealed record AveragePool2D(
    Size2D Kernel, Size2D Stride, Padding Padding, bool CountIncludesPadding = false, Activation Activation = Activation.None) : Operator
{
    /// <inheritdoc/>
    public override string Kind => "AVERAGE_POOL_2D";

    /// <inheritdoc/>
    public override Shape Infer(string node, IReadOnlyList<Value> inputs)
    {
        RequireInputs(node, inputs, 1, 1);
        var x = RequireImage(node, inputs[0]);
        return Conv2D.WindowShape(this, node, x, Kernel, Stride, Padding, 1, x.Channels);
    }
}
