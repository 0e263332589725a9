using System.Numerics;
using System.Runtime.InteropServices;

namespace Kindling.Quantization;

/// <summary>The smallest and largest value seen: TFLite's calibration.</summary>
public sealed class MinMaxEstimator : IRangeEstimator
{
    private float _min = float.PositiveInfinity;
    private float _max = float.NegativeInfinity;

    /// <inheritdoc/>
    public ActivationRange Range => new(_min, _max);

    /// <inheritdoc/>
    public void Observe(ReadOnlySpan<float> values)
    {
        // Minimum and maximum propagate NaN, in vectors and alone; the calibrator reports it.
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        var low = new Vector<float>(_min);
        var high = new Vector<float>(_max);
        foreach (var v in vectors)
        {
            low = Vector.Min(low, v);
            high = Vector.Max(high, v);
        }

        for (var i = 0; i < Vector<float>.Count; i++)
        {
            _min = MathF.Min(_min, low[i]);
            _max = MathF.Max(_max, high[i]);
        }

        foreach (var v in values[(vectors.Length * Vector<float>.Count)..])
        {
            _min = MathF.Min(_min, v);
            _max = MathF.Max(_max, v);
        }
    }
}
