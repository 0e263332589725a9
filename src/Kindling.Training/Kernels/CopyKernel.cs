using Kindling.Execution;

namespace Kindling.Training.Kernels;

/// <summary>Copies a tensor; both views may have gaps between pixels.</summary>
internal sealed unsafe class CopyKernel(TensorView source, TensorView target)
    : ElementKernel(source.Shape.Pixels, source.Shape.Channels)
{
    /// <inheritdoc/>
    protected override void Run(int first, int last)
    {
        var channels = source.Shape.Channels;
        for (var pixel = first; pixel < last; pixel++)
        {
            new ReadOnlySpan<float>(source.Floats + ((nint)pixel * source.PixelStride), channels)
                .CopyTo(new Span<float>(target.Floats + ((nint)pixel * target.PixelStride), channels));
        }
    }
}
