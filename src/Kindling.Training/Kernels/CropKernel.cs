using Kindling.Execution;
using Kindling.Graphs.Operators;

namespace Kindling.Training.Kernels;

/// <summary>Copies images without their padding; a chunk is an image.</summary>
internal sealed unsafe class CropKernel(Padding padding, TensorView source, TensorView target) : Kernel
{
    /// <inheritdoc/>
    public override int Chunks => target.Shape.Batch;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var (outer, inner) = (source.Shape, target.Shape);
        for (var y = 0; y < inner.Height; y++)
        {
            for (var x = 0; x < inner.Width; x++)
            {
                var from = (((((nint)chunk * outer.Height) + y + padding.Top) * outer.Width) + x + padding.Left) * source.PixelStride;
                var to = (((((nint)chunk * inner.Height) + y) * inner.Width) + x) * target.PixelStride;
                new ReadOnlySpan<float>(source.Floats + from, inner.Channels).CopyTo(new Span<float>(target.Floats + to, inner.Channels));
            }
        }
    }
}
