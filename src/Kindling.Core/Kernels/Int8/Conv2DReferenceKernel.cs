using Kindling.Execution;
using Kindling.Graphs.Operators;

namespace Kindling.Kernels.Int8;

/// <summary>CONV_2D, scalar: 32-bit sums of (input - zero point) * weight.</summary>
internal sealed unsafe class Conv2DReferenceKernel(KernelContext context, Conv2D op, ConvolutionParameters parameters)
    : ConvolutionReferenceKernel(
        context, new Size2D(context.Inputs[1].Shape[1], context.Inputs[1].Shape[2]), op.Stride, op.Padding, op.Dilation, parameters)
{
    /// <inheritdoc/>
    protected override int Tap(sbyte* pixel, int ky, int kx, int channel)
    {
        var weights = Weights + (((((long)channel * Window.Height) + ky) * Window.Width) + kx) * Channels;
        var sum = 0;
        for (var i = 0; i < Channels; i++)
            sum += (pixel[i] - InputZeroPoint) * weights[i];
        return sum;
    }
}
