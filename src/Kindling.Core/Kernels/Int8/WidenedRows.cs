using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Kindling.Execution;

namespace Kindling.Kernels.Int8;

/// <summary>Copies rows of an image into scratch memory as 16-bit numbers without their zero point, with zeros where the image ends.</summary>
internal static unsafe class WidenedRows
{
    /// <summary>Fills <paramref name="rows"/> rows of <see cref="ConvolutionGeometry.PaddedWidth"/> pixels.</summary>
    /// <param name="target">The scratch memory, <c>[rows, PaddedWidth, pitch]</c>.</param>
    /// <param name="pitch">Numbers from one pixel to the next in the scratch memory, at least the input's channels.</param>
    /// <param name="input">The images.</param>
    /// <param name="geometry">The window's sizes.</param>
    /// <param name="image">Which image.</param>
    /// <param name="firstRow">The first row of the image, possibly above it.</param>
    /// <param name="rows">How many.</param>
    /// <param name="zeroPoint">Subtracted from every number.</param>
    public static void Fill(
        short* target, int pitch, TensorView input, ConvolutionGeometry geometry, int image, int firstRow, int rows, int zeroPoint)
    {
        var (height, width) = (geometry.Input.Height, geometry.Input.Width);
        var paddedWidth = geometry.PaddedWidth;
        var left = Math.Min(geometry.Left, paddedWidth);
        var inside = Math.Clamp(paddedWidth - left, 0, width);
        var right = paddedWidth - left - inside;
        var isContiguous = input.PixelStride == geometry.InputChannels && pitch == geometry.InputChannels;
        if (inside == width && paddedWidth == width && firstRow >= 0 && firstRow + rows <= height)
        {
            // Nothing is missing anywhere: all pixels follow each other.
            var first = input.SBytes + ((((long)image * height) + firstRow) * width * input.PixelStride);
            if (isContiguous)
                Widen(first, target, rows * width * pitch, (short)zeroPoint);
            else
                WidenPixels(first, input.PixelStride, target, pitch, rows * width, geometry.InputChannels, (short)zeroPoint);
            return;
        }

        for (var row = firstRow; row < firstRow + rows; row++, target += paddedWidth * pitch)
        {
            if (row < 0 || row >= height)
            {
                new Span<short>(target, paddedWidth * pitch).Clear();
                continue;
            }

            new Span<short>(target, left * pitch).Clear();
            new Span<short>(target + ((left + inside) * pitch), right * pitch).Clear();
            var source = input.SBytes + ((((long)image * height) + row) * width * input.PixelStride);
            var pixels = target + (left * pitch);
            if (isContiguous)
                Widen(source, pixels, inside * pitch, (short)zeroPoint);
            else
                WidenPixels(source, input.PixelStride, pixels, pitch, inside, geometry.InputChannels, (short)zeroPoint);
        }
    }

    private static void WidenPixels(sbyte* source, nint stride, short* target, int pitch, int pixels, int channels, short zeroPoint)
    {
        for (; pixels > 0; pixels--, source += stride, target += pitch)
        {
            Widen(source, target, channels, zeroPoint);
            new Span<short>(target + channels, pitch - channels).Clear();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Widen(sbyte* source, short* target, int count, short zeroPoint)
    {
        var i = 0;
        if (Avx512BW.IsSupported)
        {
            var zero = Vector512.Create(zeroPoint);
            for (; i <= count - 32; i += 32)
                (Avx512BW.ConvertToVector512Int16(Vector256.Load(source + i)) - zero).Store(target + i);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            var zero = Vector256.Create(zeroPoint);
            for (; i <= count - 32; i += 32)
            {
                var (low, high) = Vector256.Widen(Vector256.Load(source + i));
                (low - zero).Store(target + i);
                (high - zero).Store(target + i + 16);
            }
        }

        var narrow = Vector128.Create(zeroPoint);
        for (; i <= count - 16; i += 16)
        {
            var (low, high) = Vector128.Widen(Vector128.Load(source + i));
            (low - narrow).Store(target + i);
            (high - narrow).Store(target + i + 8);
        }

        for (; i < count; i++)
            target[i] = (short)(source[i] - zeroPoint);
    }
}
