using Kindling.Execution;

namespace Kindling.Training.Kernels;

/// <summary>target += source; both views may have gaps between pixels.</summary>
internal sealed unsafe class AddIntoKernel(TensorView source, TensorView target)
    : ElementKernel(source.Shape.Pixels, source.Shape.Channels)
{
    /// <inheritdoc/>
    protected override void Run(int first, int last)
    {
        var channels = source.Shape.Channels;
        for (var pixel = first; pixel < last; pixel++)
        {
            var sum = new Span<float>(target.Floats + ((nint)pixel * target.PixelStride), channels);
            Rows.Add(sum, new ReadOnlySpan<float>(source.Floats + ((nint)pixel * source.PixelStride), channels), sum);
        }
    }
}
