using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Kindling.Execution;
using Kindling.Graphs.Operators;

namespace Kindling.Training.Kernels;

/// <summary>
/// Hands each window's gradient to the first pixel that holds the maximum, found again by comparing with the output. Gradients of outputs
/// outside a range are dropped: the clipping of the layer before. A chunk is an image.
/// </summary>
internal sealed unsafe class MaxPoolGradientKernel : Kernel
{
    private readonly MaxPool2D _op;
    private readonly TensorView _x;
    private readonly TensorView _y;
    private readonly TensorView _dy;
    private readonly TensorView _dx;
    private readonly float _min;
    private readonly float _max;

    /// <summary>Binds the kernel.</summary>
    public MaxPoolGradientKernel(MaxPool2D op, float min, float max, TensorView x, TensorView y, TensorView dy, TensorView dx)
    {
        _op = op;
        _min = min;
        _max = max;
        _x = x;
        _y = y;
        _dy = dy;
        _dx = dx;
    }

    /// <inheritdoc/>
    public override int Chunks => _x.Shape.Batch;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(int chunk, byte* scratch)
    {
        var (input, output) = (_x.Shape, _y.Shape);
        var firstPixel = (nint)chunk * input.Height * input.Width;
        var x = _x.Floats + (firstPixel * _x.PixelStride);
        var dx = _dx.Floats + (firstPixel * _dx.PixelStride);
        for (var p = 0; p < input.Height * input.Width; p++)
            new Span<float>(dx + ((nint)p * _dx.PixelStride), input.Channels).Clear();
        for (var oy = 0; oy < output.Height; oy++)
        {
            var top = (oy * _op.Stride.Height) - _op.Padding.Top;
            var (y0, y1) = (Math.Max(0, top), Math.Min(input.Height, top + _op.Kernel.Height));
            for (var ox = 0; ox < output.Width; ox++)
            {
                var left = (ox * _op.Stride.Width) - _op.Padding.Left;
                var (x0, x1) = (Math.Max(0, left), Math.Min(input.Width, left + _op.Kernel.Width));
                var pixel = ((((nint)chunk * output.Height) + oy) * output.Width) + ox;
                var corner = ((nint)y0 * input.Width) + x0;
                Window(
                    x + (corner * _x.PixelStride), dx + (corner * _dx.PixelStride),
                    _y.Floats + (pixel * _y.PixelStride), _dy.Floats + (pixel * _dy.PixelStride), y1 - y0, x1 - x0);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Window(float* x, float* dx, float* y, float* dy, int rows, int columns)
    {
        var channels = _x.Shape.Channels;
        var (xStride, dxStride) = ((nint)_x.PixelStride, (nint)_dx.PixelStride);
        var (xRow, dxRow) = (xStride * _x.Shape.Width, dxStride * _x.Shape.Width);
        var min = Vector512.Create(_min);
        var max = Vector512.Create(_max);
        var c = 0;
        for (; c <= channels - 16; c += 16)
        {
            var largest = Vector512.Load(y + c);
            var gradient = Vector512.Load(dy + c) & Vector512.GreaterThan(largest, min) & Vector512.LessThan(largest, max);
            for (var ky = 0; ky < rows; ky++)
            {
                for (var kx = 0; kx < columns; kx++)
                {
                    var holds = Vector512.Equals(Vector512.Load(x + (ky * xRow) + (kx * xStride) + c), largest);
                    var target = dx + (ky * dxRow) + (kx * dxStride) + c;
                    (Vector512.Load(target) + (gradient & holds)).Store(target);
                    // Whoever received the gradient takes it away from later pixels.
                    gradient = Vector512.AndNot(gradient, holds);
                }
            }
        }

        for (; c < channels; c++)
        {
            if (y[c] > _min && y[c] < _max)
                Scalar(x + c, dx + c, y[c], dy[c], rows, columns, xRow, dxRow);
        }
    }

    private void Scalar(float* x, float* dx, float largest, float gradient, int rows, int columns, nint xRow, nint dxRow)
    {
        for (var ky = 0; ky < rows; ky++)
        {
            for (var kx = 0; kx < columns; kx++)
            {
                if (x[(ky * xRow) + (kx * _x.PixelStride)] == largest)
                {
                    dx[(ky * dxRow) + (kx * _dx.PixelStride)] += gradient;
                    return;
                }
            }
        }
    }
}
