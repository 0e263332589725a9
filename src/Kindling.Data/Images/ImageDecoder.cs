using Kindling.Numerics;

namespace Kindling.Data.Images;

/// <summary>Decodes JPEG, PNG, WebP, BMP and PNM (P5, P6) files, told apart by their first bytes and not by their names.</summary>
public static class ImageDecoder
{
    /// <summary>Decodes a photo held in memory. Orientation tags are ignored, transparency is dropped (as TensorFlow's <c>decode_image</c> does).</summary>
    /// <param name="data">The whole file.</param>
    /// <param name="name">The file's name, for messages.</param>
    /// <param name="channels">1 for luma (a JPEG's own; 0.299 R + 0.587 G + 0.114 B for other formats), 3 for red, green, blue.</param>
    /// <returns>The image with exactly <paramref name="channels"/> channels.</returns>
    /// <exception cref="KindlingException">
    /// The format is not supported, the file is truncated or damaged, it is larger than <see cref="ImageLimits"/> allows, or the system's decoder is missing.
    /// </exception>
    public static Image Decode(ReadOnlySpan<byte> data, string name, int channels = 3)
    {
        if (channels is not (1 or 3))
            throw new ArgumentOutOfRangeException(nameof(channels), channels, "Photos are decoded to 1 or 3 channels.");
        if (data.IsEmpty)
            throw Unreadable(name, "the file is empty");
        if (data.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
            return JpegDecoder.Decode(data, name, channels);
        if (data.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G']))
            return PngDecoder.Decode(data, name, channels);
        if (data.StartsWith("RIFF"u8) && data.Length >= 12 && data.Slice(8, 4).SequenceEqual("WEBP"u8))
            return WebpDecoder.Decode(data, name, channels);
        if (data.StartsWith("BM"u8))
            return BmpDecoder.Decode(data, name, channels);
        if (data.StartsWith("P5"u8) || data.StartsWith("P6"u8))
            return PnmDecoder.Decode(data, name, channels);
        if (data.StartsWith("GIF8"u8))
            throw Unreadable(name, "GIF images are not supported; convert them to PNG");
        throw Unreadable(name, "not a JPEG, PNG, WebP, BMP or PNM (P5, P6) image");
    }

    /// <summary>Reads and decodes the file at <paramref name="path"/>.</summary>
    /// <inheritdoc cref="Decode" path="/exception"/>
    public static Image DecodeFile(string path, int channels = 3) => Decode(ReadFile(path), path, channels);

    internal static byte[] ReadFile(string path)
    {
        try
        {
            long length = new FileInfo(path).Length;
            if (length > ImageLimits.MaximumFileBytes)
                throw Unreadable(path, $"the file has {length} bytes, at most {ImageLimits.MaximumFileBytes} are read");
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KindlingException($"Cannot read image '{path}': {e.Message}", e);
        }
    }

    internal static KindlingException Unreadable(string name, string reason) => new($"Cannot read image '{name}': {reason}.");

    /// <summary>Wraps <paramref name="pixels"/> of <paramref name="stored"/> channels (1 to 4, RGB order) as an image of 1 or 3 channels, dropping alpha.</summary>
    internal static Image ToChannels(byte[] pixels, int height, int width, int stored, int channels)
    {
        if (stored == channels)
            return new Image(height, width, channels, pixels);
        int count = height * width;
        byte[] result = new byte[count * channels];
        bool storedGray = stored <= 2;
        for (int i = 0, s = 0; i < count; i++, s += stored)
        {
            if (channels == 1)
            {
                result[i] = storedGray ? pixels[s] : Luma.Of(pixels[s], pixels[s + 1], pixels[s + 2]);
            }
            else
            {
                result[3 * i] = pixels[s];
                result[(3 * i) + 1] = storedGray ? pixels[s] : pixels[s + 1];
                result[(3 * i) + 2] = storedGray ? pixels[s] : pixels[s + 2];
            }
        }

        return new Image(height, width, channels, result);
    }
}
