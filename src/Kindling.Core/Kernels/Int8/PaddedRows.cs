using Kindling.Execution;

namespace Kindling.Kernels.Int8;

/// <summary>Copies rows of an image into scratch memory, converted, with the zero point where the image ends.</summary>
/// <typeparam name="T">Element of the scratch memory.</typeparam>
/// <typeparam name="TConversion">From int8 to it.</typeparam>
internal static unsafe class PaddedRows<T, TConversion>
    where T : unmanaged
    where TConversion : struct, IRowConversion<T>
{
    /// <summary>Fills <paramref name="rows"/> rows of <see cref="ConvolutionGeometry.PaddedWidth"/> pixels.</summary>
    /// <param name="target">The scratch memory, <c>[rows, PaddedWidth, pitch]</c>.</param>
    /// <param name="pitch">Numbers from one pixel to the next in the scratch memory, at least the input's channels.</param>
    /// <param name="input">The images.</param>
    /// <param name="geometry">The window's sizes.</param>
    /// <param name="image">Which image.</param>
    /// <param name="firstRow">The first row of the image, possibly above it.</param>
    /// <param name="rows">How many.</param>
    /// <param name="zeroPoint">The conversion's zero point.</param>
    /// <param name="padding">What stands where the image ends.</param>
    public static void Fill(
        T* target, int pitch, TensorView input, ConvolutionGeometry geometry, int image, int firstRow, int rows, int zeroPoint, T padding)
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
                TConversion.Convert(first, target, rows * width * pitch, zeroPoint);
            else
                FillPixels(first, input.PixelStride, target, pitch, rows * width, geometry.InputChannels, zeroPoint, padding);
            return;
        }

        for (var row = firstRow; row < firstRow + rows; row++, target += paddedWidth * pitch)
        {
            if (row < 0 || row >= height)
            {
                new Span<T>(target, paddedWidth * pitch).Fill(padding);
                continue;
            }

            new Span<T>(target, left * pitch).Fill(padding);
            new Span<T>(target + ((left + inside) * pitch), right * pitch).Fill(padding);
            var source = input.SBytes + ((((long)image * height) + row) * width * input.PixelStride);
            var pixels = target + (left * pitch);
            if (isContiguous)
                TConversion.Convert(source, pixels, inside * pitch, zeroPoint);
            else
                FillPixels(source, input.PixelStride, pixels, pitch, inside, geometry.InputChannels, zeroPoint, padding);
        }
    }

    private static void FillPixels(sbyte* source, nint stride, T* target, int pitch, int pixels, int channels, int zeroPoint, T padding)
    {
        for (; pixels > 0; pixels--, source += stride, target += pitch)
        {
            TConversion.Convert(source, target, channels, zeroPoint);
            new Span<T>(target + channels, pitch - channels).Fill(padding);
        }
    }
}
