using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Kindling.Execution;
using Kindling.Graphs.Operators;

namespace Kindling.Kernels.Int8;

/// <summary>Creates the vector kernels for CONV_2D and FULLY_CONNECTED.</summary>
internal static class Conv2DKernelFactory
{
    /// <summary>The kernel of a convolution, as wide as the machine and the number of channels allow.</summary>
    public static Kernel Create(KernelContext context, Conv2D op, ConvolutionParameters parameters)
    {
        var weights = context.Inputs[1].Shape;
        var kernel = new Size2D(weights[1], weights[2]);
        return Create(context, ConvolutionGeometry.Of(context.Inputs[0], context.Output, kernel, op.Stride, op.Padding, op.Dilation), parameters);
    }

    /// <summary>The kernel of a fully connected layer.</summary>
    public static Kernel CreateDense(KernelContext context, ConvolutionParameters parameters) =>
        Create(context, ConvolutionGeometry.Pixels(context.Inputs[0], context.Output), parameters);

    /// <summary>The kernel of a given width, for tests.</summary>
    public static Kernel Create(KernelContext context, ConvolutionGeometry geometry, ConvolutionParameters parameters, int lanes = 0)
    {
        if (lanes == 0)
            lanes = WidestLanes(context.Output.Shape.Channels);
        return lanes switch
        {
            16 => new Conv2DKernel<Lanes512, Vector512<int>>(context, geometry, parameters),
            8 => new Conv2DKernel<Lanes256, Vector256<int>>(context, geometry, parameters),
            _ => new Conv2DKernel<Lanes128, Vector128<int>>(context, geometry, parameters),
        };
    }

    /// <summary>The widest lanes this machine has that a number of channels fills at least halfway.</summary>
    internal static int WidestLanes(int channels) =>
        Avx512BW.IsSupported && Vector512.IsHardwareAccelerated && channels > 8 ? 16 : Avx2.IsSupported ? 8 : 4;
}
