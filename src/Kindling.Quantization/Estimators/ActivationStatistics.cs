using System.Numerics;
using System.Runtime.InteropServices;

namespace Kindling.Quantization.Estimators;

/// <summary>What was seen of one activation over the calibration images.</summary>
public sealed class ActivationStatistics
{
    // The share of the newest image once a hundred were seen; until then all count alike.
    private const double LeastShare = 0.01;
    private readonly float[] _channels;
    private double _averageMin;
    private double _averageMax;

    /// <summary>Starts with nothing seen.</summary>
    /// <param name="channels">Channels of which the largest magnitude is kept; 0 keeps none.</param>
    /// <param name="withHistogram">True counts the values as well.</param>
    internal ActivationStatistics(int channels, bool withHistogram)
    {
        _channels = new float[channels];
        Histogram = withHistogram ? new ActivationHistogram() : null;
    }

    /// <summary>Images seen.</summary>
    public int Images { get; private set; }

    /// <summary>The smallest and largest value.</summary>
    public ActivationRange Range { get; private set; } = new(float.PositiveInfinity, float.NegativeInfinity);

    /// <summary>The average of each image's smallest and largest value, over about the last hundred images.</summary>
    public ActivationRange AverageRange => new((float)_averageMin, (float)_averageMax);

    /// <summary>How often values occurred; null when it was not asked for.</summary>
    public ActivationHistogram? Histogram { get; }

    /// <summary>The largest magnitude in each channel; empty when it was not asked for.</summary>
    public ReadOnlySpan<float> LargestOfChannels => _channels;

    /// <summary>Takes in the activation of one image.</summary>
    internal void Observe(ReadOnlySpan<float> values)
    {
        var range = Extent(values);
        Range = new ActivationRange(MathF.Min(Range.Min, range.Min), MathF.Max(Range.Max, range.Max));
        var share = Math.Max(LeastShare, 1.0 / ++Images);
        _averageMin += share * (range.Min - _averageMin);
        _averageMax += share * (range.Max - _averageMax);
        // What is not finite has no bin; the calibrator reports it by its range.
        if (!float.IsFinite(range.Min) || !float.IsFinite(range.Max))
            return;
        Histogram?.Observe(values, range);
        for (var i = 0; _channels.Length > 0 && i < values.Length; i += _channels.Length)
            Rows.MaxMagnitude(values.Slice(i, _channels.Length), _channels);
    }

    // Minimum and maximum propagate NaN, in vectors and alone.
    private static ActivationRange Extent(ReadOnlySpan<float> values)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        var low = new Vector<float>(float.PositiveInfinity);
        var high = new Vector<float>(float.NegativeInfinity);
        foreach (var v in vectors)
        {
            low = Vector.Min(low, v);
            high = Vector.Max(high, v);
        }

        var (min, max) = (float.PositiveInfinity, float.NegativeInfinity);
        for (var i = 0; i < Vector<float>.Count; i++)
        {
            min = MathF.Min(min, low[i]);
            max = MathF.Max(max, high[i]);
        }

        foreach (var v in values[(vectors.Length * Vector<float>.Count)..])
        {
            min = MathF.Min(min, v);
            max = MathF.Max(max, v);
        }

        return new ActivationRange(min, max);
    }
}
