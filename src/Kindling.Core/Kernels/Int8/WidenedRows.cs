using System.Runtime.Intrinsics;
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
            if (input.PixelStride == geometry.InputChannels && pitch == geometry.InputChannels)
            {
                Widen(source, pixels, inside * pitch, (short)zeroPoint);
                continue;
            }

            for (var x = 0; x < inside; x++)
            {
                Widen(source + ((long)x * input.PixelStride), pixels + (x * pitch), geometry.InputChannels, (short)zeroPoint);
                new Span<short>(pixels + (x * pitch) + geometry.InputChannels, pitch - geometry.InputChannels).Clear();
            }
        }
    }

    private static void Widen(sbyte* source, short* target, int count, short zeroPoint)
    {
        var i = 0;
        if (Vector256.IsHardwareAccelerated)
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
