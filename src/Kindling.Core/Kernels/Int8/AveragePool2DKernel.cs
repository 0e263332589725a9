using Kindling.Execution;
using Kindling.Graphs.Operators;
using Kindling.Numerics;

namespace Kindling.Kernels.Int8;

/// <summary>
/// AVERAGE_POOL_2D: the mean of the quantized values under the window, rounded half away from zero. One chunk is one output row.
/// </summary>
internal sealed unsafe class AveragePool2DKernel : Kernel
{
    private readonly TensorView _input;
    private readonly TensorView _output;
    private readonly AveragePool2D _op;
    private readonly int _min;
    private readonly int _max;

    public AveragePool2DKernel(KernelContext context, AveragePool2D op)
    {
        _input = context.Inputs[0];
        _output = context.Output;
        _op = op;
        (_min, _max) = QuantizedArithmetic.ActivationRange(op.Activation, _output.Quantization!);
    }

    /// <inheritdoc/>
    public override int Chunks => _output.Shape.Batch * _output.Shape.Height;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var window = new PoolWindow(_input, _output.Shape, _op.Kernel, _op.Stride, _op.Padding);
        var output = _output.SBytes + ((long)chunk * _output.Shape.Width * _output.PixelStride);
        var whole = _op.Kernel.Height * _op.Kernel.Width;
        for (var x = 0; x < _output.Shape.Width; x++, output += _output.PixelStride)
        {
            window.MoveTo(chunk, x);
            var count = _op.CountIncludesPadding ? whole : Math.Max(1, window.Count);
            var outside = _op.CountIncludesPadding ? (whole - window.Count) * _input.Quantization!.ZeroPoint : 0;
            for (var channel = 0; channel < _output.Shape.Channels; channel++)
            {
                var sum = outside;
                for (var row = window.Top; row < window.Bottom; row++)
                {
                    for (var column = window.Left; column < window.Right; column++)
                        sum += window.Pixel(row, column)[channel];
                }

                var mean = sum > 0 ? (sum + (count / 2)) / count : (sum - (count / 2)) / count;
                output[channel] = (sbyte)Math.Clamp(mean, _min, _max);
            }
        }
    }
}
