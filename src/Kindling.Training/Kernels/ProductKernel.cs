using Kindling.Execution;
using Kindling.Kernels.Float;

namespace Kindling.Training.Kernels;

/// <summary>target = gradient * factor, where the factor has the gradient's shape, one value a channel, or one a channel of each sample.</summary>
internal sealed unsafe class ProductKernel(TensorView gradient, TensorView factor, TensorView target)
    : ElementKernel(gradient.Shape.Pixels, gradient.Shape.Channels)
{
    private readonly Operand _operand = Operand.Of(gradient, factor);

    /// <inheritdoc/>
    protected override void Run(int first, int last)
    {
        var channels = gradient.Shape.Channels;
        for (var pixel = first; pixel < last; pixel++)
        {
            Rows.Multiply(
                new ReadOnlySpan<float>(gradient.Floats + ((nint)pixel * gradient.PixelStride), channels),
                new ReadOnlySpan<float>(factor.Floats + _operand.Index(pixel * channels), channels),
                new Span<float>(target.Floats + ((nint)pixel * target.PixelStride), channels));
        }
    }
}
