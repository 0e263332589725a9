using System.Runtime.Intrinsics;
using Kindling.Execution;
using Kindling.Graphs.Operators;

namespace Kindling.Kernels.Int8;

/// <summary>Creates the vector kernel for DEPTHWISE_CONV_2D.</summary>
internal static class DepthwiseConv2DKernelFactory
{
    /// <summary>The kernel, as wide as the machine and the number of channels allow (or of given width, for tests).</summary>
    public static Kernel Create(KernelContext context, DepthwiseConv2D op, ConvolutionParameters parameters, int lanes = 0)
    {
        if (lanes == 0)
            lanes = Conv2DKernelFactory.WidestLanes(context.Output.Shape.Channels);
        return lanes switch
        {
            16 => new DepthwiseConv2DKernel<Lanes512, Vector512<int>>(context, op, parameters),
            8 => new DepthwiseConv2DKernel<Lanes256, Vector256<int>>(context, op, parameters),
            _ => new DepthwiseConv2DKernel<Lanes128, Vector128<int>>(context, op, parameters),
        };
    }
}
