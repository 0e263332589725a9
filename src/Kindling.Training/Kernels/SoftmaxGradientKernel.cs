using Kindling.Execution;

namespace Kindling.Training.Kernels;

/// <summary>dx = beta y (dy - sum(dy y)) for each pixel.</summary>
internal sealed unsafe class SoftmaxGradientKernel(float beta, TensorView y, TensorView dy, TensorView dx)
    : ElementKernel(y.Shape.Pixels, y.Shape.Channels)
{
    /// <inheritdoc/>
    protected override void Run(int first, int last)
    {
        var channels = y.Shape.Channels;
        for (var pixel = first; pixel < last; pixel++)
        {
            var output = y.Floats + ((nint)pixel * y.PixelStride);
            var gradient = dy.Floats + ((nint)pixel * dy.PixelStride);
            var target = dx.Floats + ((nint)pixel * dx.PixelStride);
            var dot = Rows.Dot(new ReadOnlySpan<float>(output, channels), new ReadOnlySpan<float>(gradient, channels));
            for (var c = 0; c < channels; c++)
                target[c] = beta * output[c] * (gradient[c] - dot);
        }
    }
}
