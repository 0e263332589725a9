using Kindling.Execution;
using Kindling.Graphs.Operators;

namespace Kindling.Kernels.Int8;

/// <summary>
/// What CONV_2D and DEPTHWISE_CONV_2D share as scalar code: the walk over the window's taps inside the image, then TFLite's requantization.
/// One chunk is one output row.
/// </summary>
internal abstract unsafe class ConvolutionReferenceKernel(
    KernelContext context, Size2D kernel, Size2D stride, Padding padding, Size2D dilation, ConvolutionParameters parameters) : Kernel
{
    private readonly TensorView _input = context.Inputs[0];
    private readonly TensorView _output = context.Output;

    /// <summary>The weights in their own layout.</summary>
    protected sbyte* Weights { get; } = context.Inputs[1].SBytes;

    /// <summary>Channels of the input.</summary>
    protected int Channels => _input.Shape.Channels;

    /// <summary>The kernel's size.</summary>
    protected Size2D Window => kernel;

    /// <summary>The value that stands for 0.0 in the input.</summary>
    protected int InputZeroPoint => parameters.InputZeroPoint;

    /// <inheritdoc/>
    public override int Chunks => _output.Shape.Batch * _output.Shape.Height;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var image = chunk / _output.Shape.Height;
        var y = chunk % _output.Shape.Height;
        var output = _output.SBytes + ((long)chunk * _output.Shape.Width * _output.PixelStride);
        for (var x = 0; x < _output.Shape.Width; x++, output += _output.PixelStride)
        {
            for (var channel = 0; channel < _output.Shape.Channels; channel++)
                output[channel] = parameters.Output(parameters.Bias[channel] + Sum(image, y, x, channel), channel);
        }
    }

    /// <summary>What one tap adds to an output channel.</summary>
    /// <param name="pixel">The input pixel under the tap.</param>
    /// <param name="ky">The tap's row.</param>
    /// <param name="kx">The tap's column.</param>
    /// <param name="channel">The output channel.</param>
    protected abstract int Tap(sbyte* pixel, int ky, int kx, int channel);

    private int Sum(int image, int y, int x, int channel)
    {
        var (height, width) = (_input.Shape.Height, _input.Shape.Width);
        var sum = 0;
        for (var ky = 0; ky < kernel.Height; ky++)
        {
            var row = (y * stride.Height) - padding.Top + (ky * dilation.Height);
            if (row < 0 || row >= height)
                continue;
            for (var kx = 0; kx < kernel.Width; kx++)
            {
                var column = (x * stride.Width) - padding.Left + (kx * dilation.Width);
                if (column < 0 || column >= width)
                    continue;
                var pixel = _input.SBytes + (((((long)image * height) + row) * width) + column) * _input.PixelStride;
                sum += Tap(pixel, ky, kx, channel);
            }
        }

        return sum;
    }
}
