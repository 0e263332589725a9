using System.Runtime.Intrinsics;
using Kindling.Execution;
using Kindling.Graphs.Operators;
using Kindling.Numerics;

namespace Kindling.Kernels.Int8;

/// <summary>MAX_POOL_2D: 32 or 16 channels at a time. One chunk is one output row.</summary>
internal sealed unsafe class MaxPool2DKernel : Kernel
{
    private readonly TensorView _input;
    private readonly TensorView _output;
    private readonly MaxPool2D _op;
    private readonly sbyte _min;
    private readonly sbyte _max;

    public MaxPool2DKernel(KernelContext context, MaxPool2D op)
    {
        _input = context.Inputs[0];
        _output = context.Output;
        _op = op;
        var (min, max) = QuantizedArithmetic.ActivationRange(op.Activation, _output.Quantization!);
        (_min, _max) = ((sbyte)min, (sbyte)max);
    }

    /// <inheritdoc/>
    public override int Chunks => _output.Shape.Batch * _output.Shape.Height;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var window = new PoolWindow(_input, _output.Shape, _op.Kernel, _op.Stride, _op.Padding);
        var output = _output.SBytes + ((long)chunk * _output.Shape.Width * _output.PixelStride);
        var channels = _output.Shape.Channels;
        for (var x = 0; x < _output.Shape.Width; x++, output += _output.PixelStride)
        {
            window.MoveTo(chunk, x);
            var c = 0;
            if (Vector256.IsHardwareAccelerated)
            {
                for (; c <= channels - 32; c += 32)
                {
                    var largest = Vector256.Create(sbyte.MinValue);
                    for (var row = window.Top; row < window.Bottom; row++)
                    {
                        for (var column = window.Left; column < window.Right; column++)
                            largest = Vector256.Max(largest, Vector256.Load(window.Pixel(row, column) + c));
                    }

                    Vector256.Min(Vector256.Max(largest, Vector256.Create(_min)), Vector256.Create(_max)).Store(output + c);
                }
            }

            for (; c <= channels - 16; c += 16)
            {
                var largest = Vector128.Create(sbyte.MinValue);
                for (var row = window.Top; row < window.Bottom; row++)
                {
                    for (var column = window.Left; column < window.Right; column++)
                        largest = Vector128.Max(largest, Vector128.Load(window.Pixel(row, column) + c));
                }

                Vector128.Min(Vector128.Max(largest, Vector128.Create(_min)), Vector128.Create(_max)).Store(output + c);
            }

            for (; c < channels; c++)
            {
                var largest = sbyte.MinValue;
                for (var row = window.Top; row < window.Bottom; row++)
                {
                    for (var column = window.Left; column < window.Right; column++)
                        largest = Math.Max(largest, window.Pixel(row, column)[c]);
                }

                output[c] = Math.Clamp(largest, _min, _max);
            }
        }
    }
}
