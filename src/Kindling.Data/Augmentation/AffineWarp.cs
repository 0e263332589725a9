using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Kindling.Graphs;

namespace Kindling.Data.Augmentation;

/// <summary>Resamples an image through an affine map.</summary>
internal static class AffineWarp
{
    /// <summary>Floats the source must have beyond the image: three-channel pixels are read four values at a time.</summary>
    public const int SourcePadding = 4;

    /// <summary>Writes the warped image.</summary>
    /// <param name="source">[height, width, channels] and <see cref="SourcePadding"/> further floats of any value.</param>
    /// <param name="destination">[height, width, channels], not overlapping the source.</param>
    /// <param name="domain">The shape.</param>
    /// <param name="map">From output to input positions.</param>
    /// <param name="options">How to read between and beyond pixels.</param>
    public static void Apply(ReadOnlySpan<float> source, Span<float> destination, ImageDomain domain, in AffineTransform map, WarpOptions options)
    {
        int height = domain.Height, width = domain.Width, channels = domain.Channels, pixels = height * width;
        if (source.Length < (pixels * channels) + SourcePadding || destination.Length != pixels * channels)
            throw new ArgumentException("The buffers do not fit the image.", nameof(source));
        if (options.Interpolation == Interpolation.Nearest)
        {
            Nearest(source, destination, domain, map, options);
            return;
        }

        float a = (float)map.A, d = (float)map.D;
        for (int y = 0; y < height; y++)
        {
            var row = new RowMap(a, (float)((map.B * y) + map.C), d, (float)((map.E * y) + map.F));
            Span<float> output = destination.Slice(y * width * channels, width * channels);
            (int start, int end) = channels == 3 ? row.Inside(height, width) : (0, 0);
            // A vector store of a three-channel pixel spills one value into the next pixel, so the next is written later and the last one is not stored so.
            end = Math.Min(end, width - 1);
            Edge(source, output, domain, row, 0, start, options);
            if (start < end)
                Interior(source, output, width, row, start, end);
            Edge(source, output, domain, row, Math.Max(start, end), width, options);
        }
    }

    /// <summary>Pixels whose four neighbours all lie in the image.</summary>
    private static void Interior(ReadOnlySpan<float> source, Span<float> output, int width, RowMap row, int start, int end)
    {
        ref float from = ref MemoryMarshal.GetReference(source);
        ref float to = ref MemoryMarshal.GetReference(output);
        int stride = width * 3;
        for (int x = start; x < end; x++)
        {
            float sx = row.X(x), sy = row.Y(x);
            // Not negative here, so that cutting the fraction off is the floor, and never beyond an int, so that the native conversion is exact.
            int x0 = float.ConvertToIntegerNative<int>(sx), y0 = float.ConvertToIntegerNative<int>(sy);
            nuint p = (nuint)((y0 * stride) + (x0 * 3));
            Vector128<float> fx = Vector128.Create(sx - x0), fy = Vector128.Create(sy - y0);
            Vector128<float> topLeft = Vector128.LoadUnsafe(ref from, p);
            Vector128<float> lowLeft = Vector128.LoadUnsafe(ref from, p + (nuint)stride);
            Vector128<float> top = topLeft + ((Vector128.LoadUnsafe(ref from, p + 3) - topLeft) * fx);
            Vector128<float> low = lowLeft + ((Vector128.LoadUnsafe(ref from, p + (nuint)stride + 3) - lowLeft) * fx);
            (top + ((low - top) * fy)).StoreUnsafe(ref to, (nuint)(x * 3));
        }
    }

    /// <summary>Pixels that may need the fill.</summary>
    private static void Edge(ReadOnlySpan<float> source, Span<float> output, ImageDomain domain, RowMap row, int start, int end, WarpOptions options)
    {
        for (int x = start; x < end; x++)
        {
            float sx = row.X(x), sy = row.Y(x);
            Bilinear(source, output.Slice(x * domain.Channels, domain.Channels), domain, sx, sy, (int)MathF.Floor(sx), (int)MathF.Floor(sy), options);
        }
    }

    private static void Bilinear(
        ReadOnlySpan<float> source, Span<float> pixel, ImageDomain domain, float sx, float sy, int x0, int y0, WarpOptions options)
    {
        float fx = sx - x0, fy = sy - y0;
        int left = Index(x0, domain.Width, options.Fill), right = Index(x0 + 1, domain.Width, options.Fill);
        int up = Index(y0, domain.Height, options.Fill), down = Index(y0 + 1, domain.Height, options.Fill);
        for (int c = 0; c < pixel.Length; c++)
        {
            float topLeft = Read(source, domain, up, left, c, options), topRight = Read(source, domain, up, right, c, options);
            float lowLeft = Read(source, domain, down, left, c, options), lowRight = Read(source, domain, down, right, c, options);
            float top = topLeft + ((topRight - topLeft) * fx), low = lowLeft + ((lowRight - lowLeft) * fx);
            pixel[c] = top + ((low - top) * fy);
        }
    }

    private static void Nearest(ReadOnlySpan<float> source, Span<float> destination, ImageDomain domain, in AffineTransform map, WarpOptions options)
    {
        for (int y = 0, i = 0; y < domain.Height; y++)
        {
            for (int x = 0; x < domain.Width; x++)
            {
                int sx = Index((int)Math.Floor((map.A * x) + (map.B * y) + map.C + 0.5), domain.Width, options.Fill);
                int sy = Index((int)Math.Floor((map.D * x) + (map.E * y) + map.F + 0.5), domain.Height, options.Fill);
                for (int c = 0; c < domain.Channels; c++)
                    destination[i++] = Read(source, domain, sy, sx, c, options);
            }
        }
    }

    private static float Read(ReadOnlySpan<float> source, ImageDomain domain, int y, int x, int c, WarpOptions options) =>
        (y | x) < 0 ? options.FillValue : source[(((y * domain.Width) + x) * domain.Channels) + c];

    /// <summary>The pixel that stands for position <paramref name="i"/>, or -1 for the fill value.</summary>
    private static int Index(int i, int length, FillMode fill)
    {
        if ((uint)i < (uint)length)
            return i;
        switch (fill)
        {
            case FillMode.Constant:
                return -1;
            case FillMode.Nearest:
                return Math.Clamp(i, 0, length - 1);
            case FillMode.Wrap:
                return Modulo(i, length);
            default:
                int m = Modulo(i, 2 * length);
                return m < length ? m : (2 * length) - 1 - m;
        }
    }

    private static int Modulo(int i, int length)
    {
        int m = i % length;
        return m < 0 ? m + length : m;
    }
}
