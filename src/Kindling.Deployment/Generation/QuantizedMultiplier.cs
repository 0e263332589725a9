namespace Kindling.Deployment.Generation;

/// <summary>A positive real factor as the integer kernels apply it: <c>Multiplier * 2^(Shift - 31)</c>.</summary>
/// <param name="Multiplier">2^30 to 2^31 - 1, or 0.</param>
/// <param name="Shift">Positive: left, negative: right; at least -31.</param>
internal readonly record struct QuantizedMultiplier(int Multiplier, int Shift)
{
    /// <summary>The nearest representable factor, as TFLite's QuantizeMultiplier finds it.</summary>
    public static QuantizedMultiplier From(double factor)
    {
        if (factor == 0)
            return default;
        var shift = Math.ILogB(factor) + 1;
        var mantissa = (long)Math.Round(Math.ScaleB(factor, 31 - shift), MidpointRounding.AwayFromZero);
        if (mantissa == 1L << 31)
        {
            mantissa /= 2;
            shift++;
        }

        // A factor below 2^-32 leaves nothing of any 32-bit sum.
        return shift < -31 ? default : new QuantizedMultiplier((int)mantissa, shift);
    }

    /// <summary>The factor of a mean over <paramref name="pixels"/> values: the division is part of the multiplier (TFLite's QuantizedMeanOrSum).</summary>
    public static QuantizedMultiplier ForMean(double factor, int pixels)
    {
        var scale = From(factor);
        var extra = Math.Min(31 - int.LeadingZeroCount(pixels), Math.Min(32, 31 + scale.Shift));
        return new QuantizedMultiplier((int)(((long)scale.Multiplier << extra) / pixels), scale.Shift - extra);
    }
}
