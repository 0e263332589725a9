namespace Kindling.Numerics;

/// <summary>A real factor as TFLite's integer kernels carry it: <c>Multiplier * 2^(Shift - 31)</c>.</summary>
/// <param name="Multiplier">2^30 to 2^31 - 1, or 0.</param>
/// <param name="Shift">Bits to the left when positive, to the right when negative; at least -31.</param>
public readonly record struct QuantizedMultiplier(int Multiplier, int Shift)
{
    /// <summary>The nearest representable factor (TFLite's QuantizeMultiplier); factors below 2^-32 become 0.</summary>
    /// <param name="factor">Finite and not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException">The factor is negative, not finite, or 2^31 or more.</exception>
    public static QuantizedMultiplier From(double factor)
    {
        if (!(factor >= 0) || factor >= 1L << 31)
            throw new ArgumentOutOfRangeException(nameof(factor), $"{factor} is not a factor from 0 to below 2^31");
        if (factor == 0)
            return default;
        // frexp: a fraction of at least 1/2 and below 1, times a power of two.
        var shift = Math.ILogB(factor) + 1;
        var fixedPoint = (long)Math.Round(Math.ScaleB(factor, 31 - shift), MidpointRounding.AwayFromZero);
        if (fixedPoint == 1L << 31)
        {
            fixedPoint /= 2;
            shift++;
        }

        return shift < -31 ? default : new QuantizedMultiplier((int)fixedPoint, shift);
    }

    /// <summary>The product with a whole number: shifted left with wrap-around, multiplied, then rounded half away from zero when shifted right.</summary>
    public int Apply(int x)
    {
        var shifted = Shift > 0 ? x << Shift : x;
        var product = FixedPoint.SaturatingRoundingDoublingHighMultiply(shifted, Multiplier);
        return Shift < 0 ? FixedPoint.RoundingDivideByPowerOfTwo(product, -Shift) : product;
    }
}
