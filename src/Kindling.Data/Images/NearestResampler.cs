namespace Kindling.Data.Images;

/// <summary>Nearest neighbour with half-pixel centres: index = min(floor((i + 0.5) * in / out), in - 1), in float32 as TensorFlow computes it.</summary>
internal static class NearestResampler
{
    public static void Resample(Image source, PixelArea from, Span<byte> destination, PixelArea to, int stride)
    {
        int channels = source.Channels;
        int[] columns = Indices(from.Width, to.Width);
        int[] rows = Indices(from.Height, to.Height);
        ReadOnlySpan<byte> pixels = source.Pixels;
        for (int y = 0; y < to.Height; y++)
        {
            ReadOnlySpan<byte> row = pixels.Slice((((from.Top + rows[y]) * source.Width) + from.Left) * channels, from.Width * channels);
            Span<byte> output = destination.Slice(((to.Top + y) * stride) + (to.Left * channels), to.Width * channels);
            for (int x = 0; x < columns.Length; x++)
            {
                for (int c = 0; c < channels; c++)
                    output[(x * channels) + c] = row[(columns[x] * channels) + c];
            }
        }
    }

    internal static int[] Indices(int from, int to)
    {
        float scale = (float)from / to;
        int[] indices = new int[to];
        for (int i = 0; i < to; i++)
            indices[i] = Math.Min((int)MathF.Floor((i + 0.5f) * scale), from - 1);
        return indices;
    }
}
