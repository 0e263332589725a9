using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Kindling.Execution;
using Kindling.Graphs.Operators;

namespace Kindling.Training.Kernels;

/// <summary>
/// Max pooling that remembers in a byte which place of the window held the first largest value, so that the way back needs neither input nor output.
/// Views may have gaps between pixels; places, <c>[N, H, W, C]</c> of the output, have none.
/// </summary>
internal sealed unsafe class LargestPlaces(MaxPool2D op, TensorView x, TensorView y)
{
    /// <summary>True when a place fits a byte.</summary>
    public static bool Fits(MaxPool2D op) => op.Kernel.Height * op.Kernel.Width <= byte.MaxValue;

    /// <summary>Pools one image.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Pool(float* input, float* output, byte* places)
    {
        var (height, width, channels) = (x.Shape.Height, x.Shape.Width, x.Shape.Channels);
        for (var oy = 0; oy < y.Shape.Height; oy++)
        {
            var top = (oy * op.Stride.Height) - op.Padding.Top;
            var (y0, y1) = (Math.Max(0, top), Math.Min(height, top + op.Kernel.Height));
            for (var ox = 0; ox < y.Shape.Width; ox++, output += y.PixelStride, places += channels)
            {
                var left = (ox * op.Stride.Width) - op.Padding.Left;
                var (x0, x1) = (Math.Max(0, left), Math.Min(width, left + op.Kernel.Width));
                var corner = input + ((((nint)y0 * width) + x0) * x.PixelStride);
                Window(corner, y1 - y0, x1 - x0, ((y0 - top) * op.Kernel.Width) + x0 - left, output, places);
            }
        }
    }

    /// <summary>Hands the gradient of one image's output to the places; the rest becomes zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Spread(float* gradient, nint gradientStep, byte* places, float* target, nint targetStep)
    {
        var (height, width, channels) = (x.Shape.Height, x.Shape.Width, x.Shape.Channels);
        var most = ((op.Kernel.Height + op.Stride.Height - 1) / op.Stride.Height) * ((op.Kernel.Width + op.Stride.Width - 1) / op.Stride.Width);
        var windows = stackalloc int[most];
        var taps = stackalloc int[most];
        for (var row = 0; row < height; row++)
        {
            var (oy0, oy1) = Covering(row + op.Padding.Top, op.Kernel.Height, op.Stride.Height, y.Shape.Height);
            for (var column = 0; column < width; column++, target += targetStep)
            {
                var (ox0, ox1) = Covering(column + op.Padding.Left, op.Kernel.Width, op.Stride.Width, y.Shape.Width);
                var count = 0;
                for (var oy = oy0; oy < oy1; oy++)
                {
                    for (var ox = ox0; ox < ox1; ox++)
                    {
                        windows[count] = (oy * y.Shape.Width) + ox;
                        taps[count++] = ((row + op.Padding.Top - (oy * op.Stride.Height)) * op.Kernel.Width) + column + op.Padding.Left - (ox * op.Stride.Width);
                    }
                }

                Collect(gradient, gradientStep, places, channels, windows, taps, count, target);
            }
        }
    }

    /// <summary>The windows, first and one after the last, that cover a row or column.</summary>
    private static (int First, int End) Covering(int position, int kernel, int stride, int count) =>
        (Math.Max(0, (position - kernel + stride) / stride), Math.Min(count, (position / stride) + 1));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Window(float* corner, int rows, int columns, int firstTap, float* output, byte* places)
    {
        nint step = x.PixelStride;
        var rowStep = x.Shape.Width * step;
        var channels = x.Shape.Channels;
        var c = 0;
        for (; c <= channels - 16; c += 16)
        {
            var largest = Vector512.Load(corner + c);
            var place = Vector512.Create(firstTap);
            for (var i = 0; i < rows; i++)
            {
                for (var j = 0; j < columns; j++)
                {
                    var value = Vector512.Load(corner + (i * rowStep) + (j * step) + c);
                    var isLarger = Vector512.GreaterThan(value, largest);
                    largest = Vector512.ConditionalSelect(isLarger, value, largest);
                    place = Vector512.ConditionalSelect(isLarger.AsInt32(), Vector512.Create(firstTap + (i * op.Kernel.Width) + j), place);
                }
            }

            largest.Store(output + c);
            StoreBytes(place, places + c);
        }

        for (; c < channels; c++)
        {
            (output[c], places[c]) = (corner[c], (byte)firstTap);
            for (var i = 0; i < rows; i++)
            {
                for (var j = 0; j < columns; j++)
                {
                    var value = corner[(i * rowStep) + (j * step) + c];
                    if (value > output[c])
                        (output[c], places[c]) = (value, (byte)(firstTap + (i * op.Kernel.Width) + j));
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Collect(float* gradient, nint step, byte* places, int channels, int* windows, int* taps, int count, float* target)
    {
        var c = 0;
        for (; c <= channels - 16; c += 16)
        {
            var sum = Vector512<float>.Zero;
            for (var w = 0; w < count; w++)
            {
                var isHere = Vector512.Equals(LoadBytes(places + ((nint)windows[w] * channels) + c), Vector512.Create(taps[w]));
                sum += Vector512.Load(gradient + (windows[w] * step) + c) & isHere.AsSingle();
            }

            sum.Store(target + c);
        }

        for (; c < channels; c++)
        {
            float sum = 0;
            for (var w = 0; w < count; w++)
                sum += places[((nint)windows[w] * channels) + c] == taps[w] ? gradient[(windows[w] * step) + c] : 0;
            target[c] = sum;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreBytes(Vector512<int> value, byte* target)
    {
        if (Avx512F.IsSupported)
        {
            Avx512F.ConvertToVector128Byte(value).Store(target);
            return;
        }

        for (var i = 0; i < 16; i++)
            target[i] = (byte)value[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> LoadBytes(byte* source)
    {
        if (Avx512F.IsSupported)
            return Avx512F.ConvertToVector512Int32(Vector128.Load(source));
        var (low, high) = Vector128.Widen(Vector128.Load(source));
        var (a, b) = Vector128.Widen(low);
        var (c, d) = Vector128.Widen(high);
        return Vector512.Create(Vector256.Create(a, b), Vector256.Create(c, d)).AsInt32();
    }
}
