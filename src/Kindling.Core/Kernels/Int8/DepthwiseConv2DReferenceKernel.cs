using Kindling.Execution;
using Kindling.Graphs.Operators;

namespace Kindling.Kernels.Int8;

/// <summary>DEPTHWISE_CONV_2D, scalar.</summary>
internal sealed unsafe class DepthwiseConv2DReferenceKernel(KernelContext context, DepthwiseConv2D op, ConvolutionParameters parameters)
    : ConvolutionReferenceKernel(
        context, new Size2D(context.Inputs[1].Shape[0], context.Inputs[1].Shape[1]), op.Stride, op.Padding, op.Dilation, parameters)
{
    /// <inheritdoc/>
    protected override int Tap(sbyte* pixel, int ky, int kx, int channel) =>
        (pixel[channel] - InputZeroPoint) * Weights[(((ky * Window.Width) + kx) * Channels) + channel];
}
