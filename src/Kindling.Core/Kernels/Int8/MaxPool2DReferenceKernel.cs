using Kindling.Execution;
using Kindling.Graphs.Operators;
using Kindling.Numerics;

namespace Kindling.Kernels.Int8;

/// <summary>MAX_POOL_2D, scalar: the largest value inside the image under the window. One chunk is one output row.</summary>
internal sealed unsafe class MaxPool2DReferenceKernel : Kernel
{
    private readonly TensorView _input;
    private readonly TensorView _output;
    private readonly MaxPool2D _op;
    private readonly int _min;
    private readonly int _max;

    public MaxPool2DReferenceKernel(KernelContext context, MaxPool2D op)
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
        for (var x = 0; x < _output.Shape.Width; x++, output += _output.PixelStride)
        {
            window.MoveTo(chunk, x);
            for (var channel = 0; channel < _output.Shape.Channels; channel++)
            {
                var largest = sbyte.MinValue;
                for (var row = window.Top; row < window.Bottom; row++)
                {
                    for (var column = window.Left; column < window.Right; column++)
                        largest = Math.Max(largest, window.Pixel(row, column)[channel]);
                }

                output[channel] = (sbyte)Math.Clamp(largest, _min, _max);
            }
        }
    }
}
