using System.Runtime.CompilerServices;
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
        ref float from = ref MemoryMarshal.GetReference(source);
        ref float to = ref MemoryMarshal.GetReference(destination);
        for (int y = 0; y < height; y++)
        {
            float rowX = (float)((map.B * y) + map.C), rowY = (float)((map.E * y) + map.F);
            // A vector store of a three-channel pixel spills one value into the next pixel, which is written after it; the last has no next.
            int vectorWidth = channels == 3 ? (y == height - 1 ? width - 1 : width) : 0;
            for (int x = 0; x < width; x++)
            {
                float sx = (a * x) + rowX, sy = (d * x) + rowY;
                int x0 = (int)MathF.Floor(sx), y0 = (int)MathF.Floor(sy);
                if (x < vectorWidth && (uint)x0 < (uint)(width - 1) && (uint)y0 < (uint)(height - 1))
                {
                    int p = ((y0 * width) + x0) * 3;
                    Vector128<float> fx = Vector128.Create(sx - x0), fy = Vector128.Create(sy - y0);
                    Vector128<float> topLeft = Vector128.LoadUnsafe(ref from, (nuint)p);
                    Vector128<float> topRight = Vector128.LoadUnsafe(ref from, (nuint)(p + 3));
                    Vector128<float> lowLeft = Vector128.LoadUnsafe(ref from, (nuint)(p + (width * 3)));
                    Vector128<float> lowRight = Vector128.LoadUnsafe(ref from, (nuint)(p + (width * 3) + 3));
                    Vector128<float> top = topLeft + ((topRight - topLeft) * fx);
                    Vector128<float> low = lowLeft + ((lowRight - lowLeft) * fx);
                    (top + ((low - top) * fy)).StoreUnsafe(ref to, (nuint)(((y * width) + x) * 3));
                }
                else
                {
                    Bilinear(source, destination.Slice(((y * width) + x) * channels, channels), domain, sx, sy, x0, y0, options);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
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
