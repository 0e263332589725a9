namespace Kindling.Data.Augmentation;

/// <summary>
/// What baseline JPEG (ITU-T T.81, JFIF) loses: colour at half resolution (4:2:0, smoothly enlarged), and rounded cosine coefficients of 8 x 8 blocks. Entropy coding loses
/// nothing, so no file is written.
/// </summary>
internal static class JpegRoundTrip
{
    private const int Block = JpegBlock.Side;

    /// <summary>Alters colours from 0 to 1, [Height, Width, 1 or 3].</summary>
    /// <param name="values">The image.</param>
    /// <param name="domain">Its shape and channel order.</param>
    /// <param name="quality">From 0 (taken as 1) to 100.</param>
    public static void Apply(Span<float> values, ImageDomain domain, int quality)
    {
        int step = domain.Channels == 3 ? 2 * Block : Block;
        int height = (domain.Height + step - 1) / step * step, width = (domain.Width + step - 1) / step * step;
        Span<float> luma = ScratchBuffer.Floats(1, height * width);
        if (domain.Channels == 1)
        {
            for (int y = 0; y < height; y++)
            {
                ReadOnlySpan<float> row = values.Slice(Math.Min(y, domain.Height - 1) * domain.Width, domain.Width);
                for (int x = 0; x < width; x++)
                    luma[(y * width) + x] = MathF.Round(row[Math.Min(x, domain.Width - 1)] * 255);
            }

            Plane(luma, height, width, JpegBlock.Luma(quality));
            for (int i = 0; i < values.Length; i++)
                values[i] = luma[(i / domain.Width * width) + (i % domain.Width)] / 255;
            return;
        }

        int area = height * width / 4;
        Span<float> chroma = ScratchBuffer.Floats(2, 2 * area);
        chroma.Clear();
        Separate(values, domain, luma, chroma, height, width);
        Plane(luma, height, width, JpegBlock.Luma(quality));
        Plane(chroma[..area], height / 2, width / 2, JpegBlock.Chroma(quality));
        Plane(chroma[area..], height / 2, width / 2, JpegBlock.Chroma(quality));
        Combine(values, domain, luma, chroma[..area], chroma[area..], width);
    }

    /// <summary>Colours to luma and to the means of 2 x 2 pixels' blueness and redness, all rounded to bytes; the last row and column are repeated.</summary>
    private static void Separate(ReadOnlySpan<float> values, ImageDomain domain, Span<float> luma, Span<float> chroma, int height, int width)
    {
        int area = chroma.Length / 2;
        for (int y = 0; y < height; y++)
        {
            int row = Math.Min(y, domain.Height - 1) * domain.Width;
            for (int x = 0; x < width; x++)
            {
                int i = (row + Math.Min(x, domain.Width - 1)) * 3;
                float r = MathF.Round(values[i + domain.Red] * 255), g = MathF.Round(values[i + 1] * 255), b = MathF.Round(values[i + 2 - domain.Red] * 255);
                luma[(y * width) + x] = MathF.Round((0.299f * r) + (0.587f * g) + (0.114f * b));
                int c = (y / 2 * (width / 2)) + (x / 2);
                chroma[c] += MathF.Round((-0.168736f * r) - (0.331264f * g) + (0.5f * b) + 128);
                chroma[area + c] += MathF.Round((0.5f * r) - (0.418688f * g) - (0.081312f * b) + 128);
            }
        }

        // Halves are rounded down and up by turns, as the common encoders do.
        for (int c = 0; c < chroma.Length; c++)
            chroma[c] = MathF.Floor((chroma[c] + 1 + (c % 2)) / 4);
    }

    private static void Combine(Span<float> values, ImageDomain domain, ReadOnlySpan<float> luma, ReadOnlySpan<float> blueness, ReadOnlySpan<float> redness, int width)
    {
        int rows = (domain.Height + 1) / 2, columns = (domain.Width + 1) / 2;
        for (int y = 0, i = 0; y < domain.Height; y++)
        {
            int near = y / 2 * (width / 2), far = Math.Clamp((y / 2) + (y % 2 == 0 ? -1 : 1), 0, rows - 1) * (width / 2);
            for (int x = 0; x < domain.Width; x++, i += 3)
            {
                int nearX = x / 2, farX = Math.Clamp((x / 2) + (x % 2 == 0 ? -1 : 1), 0, columns - 1);
                float l = luma[(y * width) + x], cb = Enlarge(blueness) - 128, cr = Enlarge(redness) - 128;
                values[i + domain.Red] = ToUnit(l + (1.402f * cr));
                values[i + 1] = ToUnit(l - (0.344136f * cb) - (0.714136f * cr));
                values[i + 2 - domain.Red] = ToUnit(l + (1.772f * cb));

                // Three quarters of the nearer sample and one of the further, along both axes.
                float Enlarge(ReadOnlySpan<float> plane) => MathF.Floor(
                    ((9 * plane[near + nearX]) + (3 * (plane[near + farX] + plane[far + nearX])) + plane[far + farX] + 8 - (x % 2)) / 16);
            }
        }
    }

    private static float ToUnit(float value) => Math.Clamp(MathF.Round(value), 0, 255) / 255;

    private static void Plane(Span<float> plane, int height, int width, ReadOnlySpan<float> table)
    {
        for (int y = 0; y < height; y += Block)
        {
            for (int x = 0; x < width; x += Block)
                JpegBlock.RoundTrip(plane[((y * width) + x)..], width, table);
        }
    }
}
