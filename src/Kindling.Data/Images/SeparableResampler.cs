using System.Buffers;

namespace Kindling.Data.Images;

/// <summary>Applies a separable filter: along the rows into float32, then along the columns, rounded half to even and clamped to bytes.</summary>
internal static class SeparableResampler
{
    public static void Resample(Image source, PixelArea from, Span<byte> destination, PixelArea to, int stride, Func<int, int, FilterTaps> filter)
    {
        FilterTaps horizontal = filter(from.Width, to.Width);
        FilterTaps vertical = filter(from.Height, to.Height);
        int channels = source.Channels;
        int rowLength = to.Width * channels;
        float[] rows = ArrayPool<float>.Shared.Rent(checked(from.Height * rowLength));
        float[] sums = ArrayPool<float>.Shared.Rent(rowLength);
        bool[] done = new bool[from.Height];
        try
        {
            for (int y = 0; y < to.Height; y++)
            {
                Span<float> sum = sums.AsSpan(0, rowLength);
                sum.Clear();
                for (int t = 0; t < vertical.Taps; t++)
                {
                    float weight = vertical.Weights[(y * vertical.Taps) + t];
                    if (weight == 0)
                        continue;
                    int row = vertical.Indices[(y * vertical.Taps) + t];
                    Span<float> resampled = rows.AsSpan(row * rowLength, rowLength);
                    if (!done[row])
                    {
                        int start = (((from.Top + row) * source.Width) + from.Left) * channels;
                        ResampleRow(source.Pixels.AsSpan(start, from.Width * channels), resampled, horizontal, channels);
                        done[row] = true;
                    }

                    for (int i = 0; i < sum.Length; i++)
                        sum[i] += resampled[i] * weight;
                }

                Span<byte> output = destination.Slice(((to.Top + y) * stride) + (to.Left * channels), rowLength);
                for (int i = 0; i < output.Length; i++)
                    output[i] = (byte)Math.Clamp(MathF.Round(sum[i], MidpointRounding.ToEven), 0, 255);
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rows);
            ArrayPool<float>.Shared.Return(sums);
        }
    }

    private static void ResampleRow(ReadOnlySpan<byte> row, Span<float> output, FilterTaps filter, int channels)
    {
        ReadOnlySpan<int> indices = filter.Indices;
        ReadOnlySpan<float> weights = filter.Weights;
        int outputs = output.Length / channels;
        for (int x = 0, k = 0; x < outputs; x++)
        {
            if (channels == 3)
            {
                float r = 0, g = 0, b = 0;
                for (int t = 0; t < filter.Taps; t++, k++)
                {
                    int s = indices[k] * 3;
                    float weight = weights[k];
                    r += row[s] * weight;
                    g += row[s + 1] * weight;
                    b += row[s + 2] * weight;
                }

                output[3 * x] = r;
                output[(3 * x) + 1] = g;
                output[(3 * x) + 2] = b;
            }
            else
            {
                float sum = 0;
                for (int t = 0; t < filter.Taps; t++, k++)
                    sum += row[indices[k]] * weights[k];
                output[x] = sum;
            }
        }
    }
}
