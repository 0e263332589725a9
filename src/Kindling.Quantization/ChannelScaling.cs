namespace Kindling.Quantization;

/// <summary>
/// Finds out whether an int8 activation holds its float counterpart channel by channel in other units, as equalization leaves it, and by which
/// factors. A channel counts as scaled only where the factor explains it: a channel that quantization damaged keeps factor 1, so the damage stays visible.
/// </summary>
internal sealed class ChannelScaling
{
    // A factor has to explain this share of a channel's power, or all but what rounding leaves.
    private const double LeastExplained = 0.95;

    // The factors have to make a layer's noise this many times smaller (6 dB): rounding and clipping do not.
    private const double LeastGain = 4;

    // Equalization makes channels larger or turns their sign. Channels scaled by more than this have to make most of the noise: what is less, or makes
    // channels smaller, may be an error of quantization.
    private const float LeastFactor = 1.25f;

    // Smaller factors are believed when they take away nearly all noise (16 dB).
    private const double ConvincingGain = 40;

    private readonly double[] _float;
    private readonly double[] _int8;
    private readonly double[] _product;
    private readonly double _step;
    private long _pixels;

    /// <summary>Starts with nothing seen.</summary>
    /// <param name="channels">Channels of the activation.</param>
    /// <param name="step">The step of the int8 values.</param>
    public ChannelScaling(int channels, double step) => (_float, _int8, _product, _step) = (new double[channels], new double[channels], new double[channels], step);

    /// <summary>Takes in values of whole pixels.</summary>
    /// <param name="expected">The float network's.</param>
    /// <param name="actual">The int8 network's bytes.</param>
    /// <param name="reals">The number that each of the 256 bytes stands for.</param>
    public void Observe(ReadOnlySpan<float> expected, ReadOnlySpan<byte> actual, ReadOnlySpan<double> reals)
    {
        for (int i = 0, c = 0; i < expected.Length; i++, c = c + 1 == _float.Length ? 0 : c + 1)
        {
            double x = expected[i];
            var y = reals[actual[i]];
            _float[c] += x * x;
            _int8[c] += y * y;
            _product[c] += x * y;
        }

        _pixels += expected.Length / _float.Length;
    }

    /// <summary>The factor of each channel; null when the activation is in the float network's units.</summary>
    public float[]? Factors()
    {
        var factors = new float[_float.Length];
        var (before, behind, beforeOfScaled) = (0.0, 0.0, 0.0);
        for (var c = 0; c < factors.Length; c++)
        {
            factors[c] = _float[c] > 0 ? (float)(_product[c] / _float[c]) : 1;
            var isExplained = _product[c] * _product[c] > LeastExplained * _float[c] * _int8[c] || Noise(c, factors[c]) < _pixels * _step * _step;
            // What makes a channel smaller is damage.
            if (!isExplained || factors[c] is >= 0 and < 1)
                factors[c] = 1;
            before += Noise(c, 1);
            beforeOfScaled += factors[c] is < 0 or > LeastFactor ? Noise(c, 1) : 0;
            behind += Noise(c, factors[c]);
        }

        return before > ConvincingGain * behind || (before > LeastGain * behind && beforeOfScaled > before / 2) ? factors : null;
    }

    private double Noise(int channel, double factor) =>
        Math.Max(0, _int8[channel] - (2 * factor * _product[channel]) + (factor * factor * _float[channel]));
}
