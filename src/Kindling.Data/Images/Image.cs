namespace Kindling.Data.Images;

/// <summary>A decoded photo: bytes from 0 to 255 in rows of pixels, [<see cref="Height"/>, <see cref="Width"/>, <see cref="Channels"/>].</summary>
public sealed class Image
{
    /// <summary>Creates an image, black when <paramref name="pixels"/> is null; otherwise the array is used, not copied.</summary>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="channels">1 (luma) or 3 (red, green, blue).</param>
    /// <param name="pixels">Exactly height * width * channels bytes.</param>
    /// <exception cref="ArgumentException">A side is below 1, the channels are neither 1 nor 3, or the array has another length.</exception>
    public Image(int height, int width, int channels, byte[]? pixels = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (channels is not (1 or 3))
            throw new ArgumentOutOfRangeException(nameof(channels), channels, "An image has 1 or 3 channels.");
        int length = checked(height * width * channels);
        if (pixels is not null && pixels.Length != length)
            throw new ArgumentException($"{height} x {width} x {channels} pixels need {length} bytes, got {pixels.Length}.", nameof(pixels));
        Height = height;
        Width = width;
        Channels = channels;
        Pixels = pixels ?? new byte[length];
    }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>1 (luma) or 3 (red, green, blue).</summary>
    public int Channels { get; }

    /// <summary>The bytes, height * width * channels of them, row by row.</summary>
    public byte[] Pixels { get; }

    /// <summary>The byte at (<paramref name="y"/>, <paramref name="x"/>, <paramref name="channel"/>).</summary>
    public byte this[int y, int x, int channel] => Pixels[(((y * Width) + x) * Channels) + channel];
}
