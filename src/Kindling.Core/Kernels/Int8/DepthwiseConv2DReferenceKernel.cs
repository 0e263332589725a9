using Kindling.Execution;
using Kindling.Graphs.Operators;

namespace Kindling.Kernels.Int8;

/// <summary>DEPTHWISE_CONV_2D, scalar. One chunk is one output row.</summary>
internal sealed unsafe class DepthwiseConv2DReferenceKernel : Kernel
{
    private readonly TensorView _input;
    private readonly TensorView _weights;
    private readonly TensorView _output;
    private readonly DepthwiseConv2D _op;
    private readonly ConvolutionParameters _parameters;

    public DepthwiseConv2DReferenceKernel(KernelContext context, DepthwiseConv2D op, ConvolutionParameters parameters)
    {
        _input = context.Inputs[0];
        _weights = context.Inputs[1];
        _output = context.Output;
        _op = op;
        _parameters = parameters;
    }

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
                output[channel] = _parameters.Output(_parameters.Bias[channel] + Sum(image, y, x, channel), channel);
        }
    }

    private int Sum(int image, int y, int x, int channel)
    {
        var (height, width, channels) = (_input.Shape.Height, _input.Shape.Width, _input.Shape.Channels);
        var (kernelHeight, kernelWidth) = (_weights.Shape[0], _weights.Shape[1]);
        var sum = 0;
        for (var ky = 0; ky < kernelHeight; ky++)
        {
            var row = (y * _op.Stride.Height) - _op.Padding.Top + (ky * _op.Dilation.Height);
            if (row < 0 || row >= height)
                continue;
            for (var kx = 0; kx < kernelWidth; kx++)
            {
                var column = (x * _op.Stride.Width) - _op.Padding.Left + (kx * _op.Dilation.Width);
                if (column < 0 || column >= width)
                    continue;
                var value = _input.SBytes[((((((long)image * height) + row) * width) + column) * _input.PixelStride) + channel];
                sum += (value - _parameters.InputZeroPoint) * _weights.SBytes[((((ky * kernelWidth) + kx) * channels) + channel)];
            }
        }

        return sum;
    }
}
