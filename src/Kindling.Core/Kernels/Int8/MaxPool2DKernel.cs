using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Kindling.Execution;
using Kindling.Graphs.Operators;
using Kindling.Numerics;

namespace Kindling.Kernels.Int8;

/// <summary>MAX_POOL_2D: 64, 32 or 16 channels at a time. One chunk is one output row.</summary>
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
        nint stride = _input.PixelStride;
        var rowStride = _input.Shape.Width * stride;
        for (var x = 0; x < _output.Shape.Width; x++, output += _output.PixelStride)
        {
            window.MoveTo(chunk, x);
            Largest(
                window.Pixel(window.Top, window.Left), window.Bottom - window.Top, window.Right - window.Left, rowStride, stride, output,
                _output.Shape.Channels, _min, _max);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Largest(
        sbyte* first, int rows, int columns, nint rowStride, nint stride, sbyte* output, int channels, sbyte min, sbyte max)
    {
        var c = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            for (; c <= channels - 64; c += 64)
            {
                var largest = Vector512.Create(min);
                for (var row = 0; row < rows; row++)
                {
                    var pixel = first + (row * rowStride) + c;
                    for (var column = 0; column < columns; column++, pixel += stride)
                        largest = Vector512.Max(largest, Vector512.Load(pixel));
                }

                Vector512.Min(largest, Vector512.Create(max)).Store(output + c);
            }
        }

        if (Vector256.IsHardwareAccelerated)
        {
            for (; c <= channels - 32; c += 32)
            {
                var largest = Vector256.Create(min);
                for (var row = 0; row < rows; row++)
                {
                    var pixel = first + (row * rowStride) + c;
                    for (var column = 0; column < columns; column++, pixel += stride)
                        largest = Vector256.Max(largest, Vector256.Load(pixel));
                }

                Vector256.Min(largest, Vector256.Create(max)).Store(output + c);
            }
        }

        for (; c <= channels - 16; c += 16)
        {
            var largest = Vector128.Create(min);
            for (var row = 0; row < rows; row++)
            {
                var pixel = first + (row * rowStride) + c;
                for (var column = 0; column < columns; column++, pixel += stride)
                    largest = Vector128.Max(largest, Vector128.Load(pixel));
            }

            Vector128.Min(largest, Vector128.Create(max)).Store(output + c);
        }

        for (; c < channels; c++)
        {
            var largest = min;
            for (var row = 0; row < rows; row++)
            {
                for (var column = 0; column < columns; column++)
                    largest = Math.Max(largest, first[(row * rowStride) + (column * stride) + c]);
            }

            output[c] = Math.Min(largest, max);
        }
    }
}
