using Kindling.Execution;

namespace Kindling.Training.Kernels;

/// <summary>For each sample and channel: the sum over the pixels of the gradient, times a factor of the same shape if there is one.</summary>
internal sealed unsafe class ChannelSumKernel(TensorView gradient, TensorView? factor, TensorView target) : Kernel
{
    /// <inheritdoc/>
    public override int Chunks => gradient.Shape.Batch;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var channels = gradient.Shape.Channels;
        var pixels = gradient.Shape.Pixels / gradient.Shape.Batch;
        var sum = new Span<float>(target.Floats + ((nint)chunk * channels), channels);
        sum.Clear();
        for (var p = 0; p < pixels; p++)
        {
            var pixel = ((nint)chunk * pixels) + p;
            var dy = new ReadOnlySpan<float>(gradient.Floats + (pixel * gradient.PixelStride), channels);
            if (factor is { } f)
                Rows.AddProduct(dy, new ReadOnlySpan<float>(f.Floats + (pixel * f.PixelStride), channels), sum);
            else
                Rows.Add(sum, dy, sum);
        }
    }
}
