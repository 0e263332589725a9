using Kindling.Execution;
using Kindling.Graphs.Operators;

namespace Kindling.Kernels.Int8;

/// <summary>CONV_2D, scalar: 32-bit sums of (input - zero point) * weight, then TFLite's requantization. One chunk is one output row.</summary>
internal sealed unsafe class Conv2DReferenceKernel : Kernel
{
    private readonly TensorView _input;
    private readonly TensorView _weights;
    private readonly TensorView _output;
    private readonly Conv2D _op;
    private readonly ConvolutionParameters _parameters;

    public Conv2DReferenceKernel(KernelContext context, Conv2D op, ConvolutionParameters parameters)
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
        var (kernelHeight, kernelWidth) = (_weights.Shape[1], _weights.Shape[2]);
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
                var pixel = _input.SBytes + (((((long)image * height) + row) * width) + column) * _input.PixelStride;
                var weights = _weights.SBytes + (((((long)channel * kernelHeight) + ky) * kernelWidth) + kx) * channels;
                for (var i = 0; i < channels; i++)
                    sum += (pixel[i] - _parameters.InputZeroPoint) * weights[i];
            }
        }

        return sum;
    }
}
