using Kindling.Execution;

namespace Kindling.Training.Kernels;

/// <summary>Gives each pixel of an image its share of the channels' gradients; a chunk is an image.</summary>
internal sealed unsafe class GlobalAveragePoolGradientKernel(TensorView dy, TensorView dx) : Kernel
{
    /// <inheritdoc/>
    public override int Chunks => dx.Shape.Batch;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var channels = dx.Shape.Channels;
        var pixels = dx.Shape.Pixels / dx.Shape.Batch;
        var gradient = new ReadOnlySpan<float>(dy.Floats + ((nint)chunk * dy.PixelStride), channels);
        for (var p = 0; p < pixels; p++)
        {
            var target = new Span<float>(dx.Floats + ((((nint)chunk * pixels) + p) * dx.PixelStride), channels);
            Rows.Multiply(gradient, 1f / pixels, target);
        }
    }
}
