using System.Numerics;
using Kindling.Execution;
using Kindling.Graphs;

namespace Kindling.Data.Images;

/// <summary>
/// Turns a photo into a network's input by its <see cref="Preprocessing"/>, in two steps that every consumer shares: first bytes of the input's
/// size and channel order (resampled values rounded half to even), then <c>Scale[c] * pixel + Offset[c]</c>. An int8 network with a uint8 input takes the bytes.
/// </summary>
public static class ImagePreprocessor
{
    /// <summary>Bytes one prepared photo takes: Height * Width * Channels.</summary>
    public static int PixelCount(this Preprocessing preprocessing) => checked(preprocessing.Height * preprocessing.Width * preprocessing.Channels);

    /// <summary>Resizes <paramref name="image"/> and orders its channels as the network wants them.</summary>
    /// <param name="image">A photo with as many channels as the preprocessing names (red, green, blue order).</param>
    /// <param name="preprocessing">Size, interpolation, aspect ratio and channel order.</param>
    /// <param name="pixels">Receives [Height, Width, Channels] bytes.</param>
    /// <exception cref="ArgumentException">Channels or the span's length do not fit.</exception>
    public static void ToPixels(Image image, Preprocessing preprocessing, Span<byte> pixels)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(preprocessing);
        if (image.Channels != preprocessing.Channels)
            throw new ArgumentException($"The network takes {preprocessing.Channels} channels, the image has {image.Channels}.", nameof(image));
        if (preprocessing is { ShorterSide: { } side, AspectRatio: AspectRatio.Crop })
            CenterCrop.Cut(image, side, preprocessing.Height, preprocessing.Width, preprocessing.Interpolation, pixels);
        else
            ImageResizer.Resize(image, preprocessing.Height, preprocessing.Width, preprocessing.Interpolation, preprocessing.AspectRatio, pixels);
        if (preprocessing.Color == ColorMode.Bgr)
        {
            for (int i = 0; i < pixels.Length; i += 3)
                (pixels[i], pixels[i + 2]) = (pixels[i + 2], pixels[i]);
        }
    }

    /// <summary>
    /// Rescales one photo of prepared bytes: <c>values[i] = Scale[c] * pixels[i] + Offset[c]</c> in float32, with c = i modulo Channels, and standardises it if the preprocessing
    /// says so.
    /// </summary>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    public static void ToFloat(ReadOnlySpan<byte> pixels, Preprocessing preprocessing, Span<float> values)
    {
        Rescale(pixels, preprocessing, values);
        Standardize(preprocessing, values);
    }

    /// <summary>Scale and offset only.</summary>
    internal static void Rescale(ReadOnlySpan<byte> pixels, Preprocessing preprocessing, Span<float> values)
    {
        ArgumentNullException.ThrowIfNull(preprocessing);
        if (pixels.Length != values.Length)
            throw new ArgumentException($"{pixels.Length} pixels do not fit {values.Length} values.", nameof(values));
        int channels = preprocessing.Channels;
        if (channels == 1 || (preprocessing.Scale.Count == 1 && preprocessing.Offset.Count == 1))
        {
            RescaleAll(pixels, preprocessing.ScaleOf(0), preprocessing.OffsetOf(0), values);
            return;
        }

        for (int c = 0; c < channels; c++)
        {
            float scale = preprocessing.ScaleOf(c), offset = preprocessing.OffsetOf(c);
            for (int i = c; i < pixels.Length; i += channels)
                values[i] = (scale * pixels[i]) + offset;
        }
    }

    /// <summary>What follows scale and offset, if anything does.</summary>
    internal static void Standardize(Preprocessing preprocessing, Span<float> values)
    {
        if (preprocessing.Standardization == Standardization.PerImage)
            PhotoStandardization.Apply(values, preprocessing.ScaleOf(0));
    }

    /// <summary>Both steps: resizes and rescales <paramref name="image"/> into [Height, Width, Channels] floats.</summary>
    /// <exception cref="ArgumentException">Channels or the span's length do not fit.</exception>
    public static void ToFloat(Image image, Preprocessing preprocessing, Span<float> values)
    {
        ArgumentNullException.ThrowIfNull(preprocessing);
        byte[] pixels = new byte[preprocessing.PixelCount()];
        ToPixels(image, preprocessing, pixels);
        ToFloat(pixels, preprocessing, values);
    }

    private static void RescaleAll(ReadOnlySpan<byte> pixels, float scale, float offset, Span<float> values)
    {
        int i = 0;
        if (Vector.IsHardwareAccelerated)
        {
            var scales = new Vector<float>(scale);
            var offsets = new Vector<float>(offset);
            int width = Vector<float>.Count;
            for (; i <= pixels.Length - Vector<byte>.Count; i += Vector<byte>.Count)
            {
                Vector.Widen(new Vector<byte>(pixels[i..]), out Vector<ushort> low, out Vector<ushort> high);
                Vector.Widen(low, out Vector<uint> a, out Vector<uint> b);
                Vector.Widen(high, out Vector<uint> c, out Vector<uint> d);
                ((Vector.ConvertToSingle(Vector.AsVectorInt32(a)) * scales) + offsets).CopyTo(values[i..]);
                ((Vector.ConvertToSingle(Vector.AsVectorInt32(b)) * scales) + offsets).CopyTo(values[(i + width)..]);
                ((Vector.ConvertToSingle(Vector.AsVectorInt32(c)) * scales) + offsets).CopyTo(values[(i + (2 * width))..]);
                ((Vector.ConvertToSingle(Vector.AsVectorInt32(d)) * scales) + offsets).CopyTo(values[(i + (3 * width))..]);
            }
        }

        for (; i < pixels.Length; i++)
            values[i] = (scale * pixels[i]) + offset;
    }
}
