using System.Numerics;
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
        Red = preprocessing.Color == ColorMode.Bgr ? 2 : 0;
        Low = new float[Channels];
        High = new float[Channels];
        ToUnitFactors = new float[Channels];
        ToUnitSummands = new float[Channels];
        FromUnitFactors = new float[Channels];
        FromUnitSummands = new float[Channels];
        for (int c = 0; c < Channels; c++)
        {
            float black = preprocessing.OffsetOf(c), white = (preprocessing.ScaleOf(c) * 255) + preprocessing.OffsetOf(c);
            Low[c] = Math.Min(black, white);
            High[c] = Math.Max(black, white);
            FromUnitFactors[c] = white - black;
            FromUnitSummands[c] = black;
            // A scale of zero leaves nothing to see; any finite factor will do.
            ToUnitFactors[c] = white == black ? 0 : 1 / (white - black);
            ToUnitSummands[c] = -black * ToUnitFactors[c];
        }
    }

    /// <summary>A factor of one for each channel.</summary>
    public static float[] Ones { get; } = [1, 1, 1];

    /// <summary>A summand of zero for each channel.</summary>
    public static float[] Zeros { get; } = [0, 0, 0];

    public int Height { get; }

    public int Width { get; }

    public int Channels { get; }

    /// <summary>The channel that holds red; blue is 2 - Red.</summary>
    public int Red { get; }

    public float[] Low { get; }

    public float[] High { get; }

    /// <summary>With <see cref="ToUnitSummands"/>: from rescaled values to 0 for black and 1 for white.</summary>
    public float[] ToUnitFactors { get; }

    public float[] ToUnitSummands { get; }

    /// <summary>With <see cref="FromUnitSummands"/>: from 0 for black and 1 for white to rescaled values.</summary>
    public float[] FromUnitFactors { get; }

    public float[] FromUnitSummands { get; }

    /// <summary>Multiplies and adds a channel, then clips to the pixel range.</summary>
    public void Rescale(Span<float> values, ReadOnlySpan<float> factors, ReadOnlySpan<float> summands) => Rescale(values, factors, summands, Low, High);

    /// <summary>Multiplies and adds a channel, then clips to a range a channel.</summary>
    public void Rescale(Span<float> values, ReadOnlySpan<float> factors, ReadOnlySpan<float> summands, ReadOnlySpan<float> low, ReadOnlySpan<float> high)
    {
        if (Channels == 3)
        {
            PeriodThree.Rescale(values, factors, summands, low, high);
            return;
        }

        var (f, s, l, h) = (new Vector<float>(factors[0]), new Vector<float>(summands[0]), new Vector<float>(low[0]), new Vector<float>(high[0]));
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
            Vector.Min(Vector.Max((new Vector<float>(values[i..]) * f) + s, l), h).CopyTo(values[i..]);
        for (; i < values.Length; i++)
            values[i] = Math.Min(Math.Max((values[i] * factors[0]) + summands[0], low[0]), high[0]);
    }
}
