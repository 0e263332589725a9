using Kindling.Execution;
using Kindling.Graphs.Operators;

namespace Kindling.Training.Kernels;

/// <summary>Hands each window's gradient out in equal shares; a chunk is an image.</summary>
internal sealed unsafe class AveragePoolGradientKernel(AveragePool2D op, TensorView dy, TensorView dx) : Kernel
{
    /// <inheritdoc/>
    public override int Chunks => dy.Shape.Batch;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var (input, output) = (dx.Shape, dy.Shape);
        var channels = input.Channels;
        var image = dx.Floats + ((nint)chunk * input.Height * input.Width * dx.PixelStride);
        for (var p = 0; p < input.Height * input.Width; p++)
            new Span<float>(image + ((nint)p * dx.PixelStride), channels).Clear();
        for (var oy = 0; oy < output.Height; oy++)
        {
            var top = (oy * op.Stride.Height) - op.Padding.Top;
            var (y0, y1) = (Math.Max(0, top), Math.Min(input.Height, top + op.Kernel.Height));
            for (var ox = 0; ox < output.Width; ox++)
            {
                var left = (ox * op.Stride.Width) - op.Padding.Left;
                var (x0, x1) = (Math.Max(0, left), Math.Min(input.Width, left + op.Kernel.Width));
                var count = op.CountIncludesPadding ? op.Kernel.Height * op.Kernel.Width : Math.Max(1, (y1 - y0) * (x1 - x0));
                var gradient = new ReadOnlySpan<float>(
                    dy.Floats + (((((nint)chunk * output.Height) + oy) * output.Width) + ox) * dy.PixelStride, channels);
                for (var y = y0; y < y1; y++)
                {
                    for (var x = x0; x < x1; x++)
                    {
                        var target = new Span<float>(image + (((nint)(y * input.Width) + x) * dx.PixelStride), channels);
                        Rows.AddProduct(gradient, 1f / count, target);
                    }
                }
            }
        }
    }
}
