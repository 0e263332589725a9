using Kindling.Graphs;

namespace Kindling.Data.Augmentation;

/// <summary>Shape of the images and, a channel, the rescaled values of pixels 0 and 255.</summary>
internal sealed class ImageDomain
{
    public ImageDomain(Preprocessing preprocessing)
    {
        Height = preprocessing.Height;
        Width = preprocessing.Width;
        Channels = preprocessing.Channels;
        Low = new float[Channels];
        High = new float[Channels];
        for (int c = 0; c < Channels; c++)
        {
            float black = preprocessing.OffsetOf(c), white = (preprocessing.ScaleOf(c) * 255) + preprocessing.OffsetOf(c);
            Low[c] = Math.Min(black, white);
            High[c] = Math.Max(black, white);
        }
    }

    /// <summary>A factor of one for each channel.</summary>
    public static float[] Ones { get; } = [1, 1, 1];

    /// <summary>A summand of zero for each channel.</summary>
    public static float[] Zeros { get; } = [0, 0, 0];

    public int Height { get; }

    public int Width { get; }

    public int Channels { get; }

    public float[] Low { get; }

    public float[] High { get; }

    /// <summary>Multiplies and adds a channel, then clips to the pixel range.</summary>
    public void Rescale(Span<float> values, ReadOnlySpan<float> factors, ReadOnlySpan<float> summands)
    {
        if (Channels == 1)
        {
            float factor = factors[0], summand = summands[0], low = Low[0], high = High[0];
            for (int i = 0; i < values.Length; i++)
                values[i] = Math.Min(Math.Max((values[i] * factor) + summand, low), high);
            return;
        }

        PeriodThree.Rescale(values, factors, summands, Low, High);
    }
}
