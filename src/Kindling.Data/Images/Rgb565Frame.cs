using Kindling.Numerics;

namespace Kindling.Data.Images;

/// <summary>
/// One frame of a camera as it lies in a microcontroller's memory. As an <see cref="Image"/> it goes the way of every photo (<see cref="ImagePreprocessor"/>, then
/// <see cref="Execution.InputEncoder"/>); the generated C's <c>kindling_frame_convert</c> gives the same bytes.
/// </summary>
public sealed class Rgb565Frame
{
    private readonly byte[] _bytes;
    private readonly int _stride;
    private readonly bool _isBigEndian;

    /// <summary>Wraps a frame; the array is used, not copied.</summary>
    /// <param name="width">Pixels of a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="bytes">The rows, two bytes a pixel: 5 bits of red, 6 of green, 5 of blue.</param>
    /// <param name="stride">Bytes from one row to the next, at least 2 * <paramref name="width"/>; 0 takes that.</param>
    /// <param name="isBigEndian">True when a pixel's high byte comes first.</param>
    /// <exception cref="ArgumentException">A side is below 1, the rows overlap, or the array is too short.</exception>
    public Rgb565Frame(int width, int height, byte[] bytes, int stride = 0, bool isBigEndian = false)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        _stride = stride == 0 ? checked(2 * width) : stride;
        ArgumentOutOfRangeException.ThrowIfLessThan(_stride, checked(2 * width), nameof(stride));
        var needed = ((long)_stride * (height - 1)) + (2L * width);
        if (bytes.Length < needed)
            throw new ArgumentException($"A frame of {width} x {height} pixels with {_stride} bytes a row needs {needed} bytes, got {bytes.Length}.", nameof(bytes));
        (Width, Height, _bytes, _isBigEndian) = (width, height, bytes, isBigEndian);
    }

    /// <summary>Pixels of a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The frame as an image of 3 channels (red, green, blue) or 1 (luma).</summary>
    public Image ToImage(int channels)
    {
        var image = new Image(Height, Width, channels);
        var pixels = image.Pixels;
        for (int y = 0, to = 0; y < Height; y++)
        {
            for (int x = 0, at = y * _stride; x < Width; x++, at += 2, to += channels)
            {
                var (high, low) = _isBigEndian ? (_bytes[at], _bytes[at + 1]) : (_bytes[at + 1], _bytes[at]);
                var (red, green, blue) = Rgb565.Unpack((ushort)((high << 8) | low));
                if (channels == 1)
                    pixels[to] = Luma.Of(red, green, blue);
                else
                    (pixels[to], pixels[to + 1], pixels[to + 2]) = (red, green, blue);
            }
        }

        return image;
    }
}
