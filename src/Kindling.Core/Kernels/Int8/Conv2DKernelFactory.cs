using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Kindling.Execution;
using Kindling.Graphs.Operators;
using Kindling.Kernels.Int8.Emitted;

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

    /// <summary>
    /// The kernel of a given width, for tests; of no given one the fastest. Emitted code (64 multiply-accumulates an instruction) comes before Winograd, whose
    /// quarter of the multiplications are 32 an instruction with an addition each, and which has its transforms to pay.
    /// </summary>
    public static Kernel Create(KernelContext context, ConvolutionGeometry geometry, ConvolutionParameters parameters, int lanes = 0)
    {
        if (lanes == 0)
        {
            if (EmittedCode.Tiles is { } tiles)
                return new EmittedConv2DKernel<Lanes512, Vector512<int>>(context, geometry, parameters, tiles);
            lanes = WidestLanes(context.Output.Shape.Channels);
        }

        return IsFasterAsWinograd(geometry, lanes) && CanBeWinograd(context, geometry, parameters)
            ? CreateWinograd(context, geometry, parameters, lanes)
            : CreateDirect(context, geometry, parameters, lanes);
    }

    /// <summary>True when a convolution has the shape, and the weights the size, for <see cref="WinogradConv2DKernel{TLanes, TVector}"/>.</summary>
    public static bool CanBeWinograd(KernelContext context, ConvolutionGeometry geometry, ConvolutionParameters parameters) =>
        geometry.Kernel == 3 && geometry.Stride == 1 && geometry.Dilation == 1
        && WinogradWeights.AreExact(context.Node.Inputs[1].Constant!, parameters.InputZeroPoint);

    /// <summary>The Winograd kernel of a given width.</summary>
    public static Kernel CreateWinograd(KernelContext context, ConvolutionGeometry geometry, ConvolutionParameters parameters, int lanes) => lanes switch
    {
        16 => new WinogradConv2DKernel<Lanes512, Vector512<int>>(context, geometry, parameters),
        8 => new WinogradConv2DKernel<Lanes256, Vector256<int>>(context, geometry, parameters),
        _ => new WinogradConv2DKernel<Lanes128, Vector128<int>>(context, geometry, parameters),
    };

    /// <summary>The direct kernel of a given width.</summary>
    public static Kernel CreateDirect(KernelContext context, ConvolutionGeometry geometry, ConvolutionParameters parameters, int lanes) => lanes switch
    {
        16 => new Conv2DKernel<Lanes512, Vector512<int>>(context, geometry, parameters),
        8 when InnerProductTile.IsFaster(geometry) => new InnerProductConv2DKernel(context, geometry, parameters),
        8 => new Conv2DKernel<Lanes256, Vector256<int>>(context, geometry, parameters),
        _ => new Conv2DKernel<Lanes128, Vector128<int>>(context, geometry, parameters),
    };

    /// <summary>The widest lanes this machine has that a number of channels fills at least halfway.</summary>
    internal static int WidestLanes(int channels) =>
        Avx512BW.IsSupported && Vector512.IsHardwareAccelerated && channels > 8 ? 16 : Avx2.IsSupported ? 8 : 4;

    // Tiles of 4x4 outputs, four at a time, cover more than the image; few channels do not pay for the transforms.
    private static bool IsFasterAsWinograd(ConvolutionGeometry geometry, int lanes)
    {
        var (height, width) = (geometry.Output.Height, geometry.Output.Width);
        var tiles = (((long)geometry.Images * ((height + 3) / 4) * ((width + 3) / 4)) + 3) / 4 * 4;
        var saving = 9.0 * geometry.Images * height * width / (36.0 * tiles);
        return lanes > 4 && saving > 1.6 && geometry.InputChannels >= 12 && geometry.OutputChannels > lanes;
    }
}
