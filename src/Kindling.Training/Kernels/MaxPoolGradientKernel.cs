using Kindling.Execution;
using Kindling.Graphs.Operators;

namespace Kindling.Training.Kernels;

/// <summary>
/// Hands each window's gradient to the first pixel that held the maximum. Gradients of outputs outside a range are dropped first: the clipping of the
/// layer before. A chunk is an image.
/// </summary>
internal sealed unsafe class MaxPoolGradientKernel(
    MaxPool2D op, (float Min, float Max)? clipping, TensorView y, TensorView places, TensorView dy, TensorView dx) : Kernel
{
    private readonly LargestPlaces _work = new(op, dx, y);

    /// <inheritdoc/>
    public override int Chunks => y.Shape.Batch;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var images = new ImageGroups(1, y.Shape.Batch);
        var gradient = dy.Floats + (chunk * images.Step(dy));
        if (clipping is { } range)
            ActivationGradientKernel.Mask(y.Floats + (chunk * images.Step(y)), y.PixelStride, gradient, dy.PixelStride, y.Shape.Pixels / y.Shape.Batch, y.Shape.Channels, range);
        _work.Spread(
            gradient, dy.PixelStride, (byte*)places.Data + ((nint)chunk * (y.Shape.ElementCount / y.Shape.Batch)),
            dx.Floats + (chunk * images.Step(dx)), dx.PixelStride);
    }
}
