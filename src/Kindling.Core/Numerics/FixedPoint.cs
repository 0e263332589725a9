namespace Kindling.Numerics;

/// <summary>
/// The integer arithmetic of TFLite's reference kernels, to the bit: Q31 products that round, right shifts that round half away from zero,
/// left shifts that wrap (the "double rounding" family that TensorFlow Lite Micro and CMSIS-NN follow).
/// </summary>
public static class FixedPoint
{
    /// <summary>The high 32 bits of <c>2ab</c>, rounded to nearest; the one product that does not fit (both -2^31) saturates.</summary>
    public static int SaturatingRoundingDoublingHighMultiply(int a, int b) =>
        a == int.MinValue && b == int.MinValue ? int.MaxValue : (int)((((long)a * b) + (1L << 30)) >> 31);

    /// <summary><c>x / 2^exponent</c>, rounded to nearest, halves away from zero.</summary>
    /// <param name="x">The dividend.</param>
    /// <param name="exponent">0 to 31.</param>
    public static int RoundingDivideByPowerOfTwo(int x, int exponent)
    {
        var mask = (int)((1L << exponent) - 1);
        var remainder = x & mask;
        var threshold = (mask >> 1) + (x < 0 ? 1 : 0);
        return (x >> exponent) + (remainder > threshold ? 1 : 0);
    }

    /// <summary><c>x * 2^exponent</c>: saturating when the exponent is positive, rounding half away from zero when it is negative.</summary>
    public static int SaturatingRoundingMultiplyByPowerOfTwo(int x, int exponent) => exponent switch
    {
        0 => x,
        < 0 => RoundingDivideByPowerOfTwo(x, -exponent),
        _ => (int)Math.Clamp((long)x << exponent, int.MinValue, int.MaxValue),
    };

    /// <summary>The nearest 16-bit number.</summary>
    public static short Saturate16(long x) => (short)Math.Clamp(x, short.MinValue, short.MaxValue);

    /// <summary>A Q31 factor as a Q15 one, rounded.</summary>
    public static short To16Bits(int multiplier) => Saturate16(((long)multiplier + (1 << 15)) >> 16);

    /// <summary>The high 16 bits of <c>2ab</c>, rounded to nearest; the one product that does not fit saturates.</summary>
    public static short RoundingDoublingHighMultiply16(short a, short b)
    {
        var product = a * b;
        return Saturate16((product + (product >= 0 ? 1 << 14 : 1 - (1 << 14))) / (1 << 15));
    }

    /// <summary>exp(a) for a not above 0, in fixed point.</summary>
    /// <param name="a">A number with <paramref name="integerBits"/> integer bits and 31 - <paramref name="integerBits"/> fractional bits.</param>
    /// <param name="integerBits">1 to 12.</param>
    /// <returns>The exponential with 31 fractional bits.</returns>
    public static int ExpOnNegativeValues(int a, int integerBits)
    {
        if (a == 0)
            return int.MaxValue;
        var fractionalBits = 31 - integerBits;
        var quarter = 1 << (fractionalBits - 2);
        var modQuarter = (a & (quarter - 1)) - quarter;
        var result = ExpBetweenMinusQuarterAndZero(SaturatingRoundingMultiplyByPowerOfTwo(modQuarter, integerBits));
        var remainder = modQuarter - a;
        // exp(-2^-2), exp(-2^-1), …, exp(-2^4) with 31 fractional bits: one factor for each bit of the remainder.
        ReadOnlySpan<int> factors = [1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242];
        for (var i = 0; i < factors.Length; i++)
        {
            var exponent = i - 2;
            if (integerBits > exponent && (remainder & (1 << (fractionalBits + exponent))) != 0)
                result = SaturatingRoundingDoublingHighMultiply(result, factors[i]);
        }

        return integerBits > 5 && a < -(1 << (fractionalBits + 5)) ? 0 : result;
    }

    /// <summary>1 / (1 + x) for x from 0 to 1, argument and result with 31 fractional bits (Newton's division, three steps).</summary>
    public static int OneOverOnePlus(int x)
    {
        const int FortyEightOver17 = 1515870810;
        const int MinusThirtyTwoOver17 = -1010580540;
        const int One = 1 << 29;
        var halfDenominator = (int)(((long)x + int.MaxValue + 1) / 2);
        var estimate = FortyEightOver17 + SaturatingRoundingDoublingHighMultiply(halfDenominator, MinusThirtyTwoOver17);
        for (var i = 0; i < 3; i++)
        {
            var error = One - SaturatingRoundingDoublingHighMultiply(halfDenominator, estimate);
            estimate += SaturatingRoundingMultiplyByPowerOfTwo(SaturatingRoundingDoublingHighMultiply(estimate, error), 2);
        }

        return SaturatingRoundingMultiplyByPowerOfTwo(estimate, 1);
    }

    /// <summary>1 / (1 + exp(-a)).</summary>
    /// <param name="a">A number with <paramref name="integerBits"/> integer bits.</param>
    /// <param name="integerBits">1 to 12.</param>
    /// <returns>The logistic function with 31 fractional bits.</returns>
    public static int Logistic(int a, int integerBits)
    {
        if (a == 0)
            return 1 << 30;
        var positive = OneOverOnePlus(ExpOnNegativeValues(a > 0 ? -a : a, integerBits));
        return a > 0 ? positive : int.MaxValue - positive;
    }

    private static int ExpBetweenMinusQuarterAndZero(int a)
    {
        const int ExpMinusEighth = 1895147668;
        const int OneThird = 715827883;
        var x = a + (1 << 28);
        var x2 = SaturatingRoundingDoublingHighMultiply(x, x);
        var x3 = SaturatingRoundingDoublingHighMultiply(x2, x);
        var x4 = SaturatingRoundingDoublingHighMultiply(x2, x2);
        var x4Over4 = RoundingDivideByPowerOfTwo(x4, 2);
        var tail = RoundingDivideByPowerOfTwo(SaturatingRoundingDoublingHighMultiply(x4Over4 + x3, OneThird) + x2, 1);
        return ExpMinusEighth + SaturatingRoundingDoublingHighMultiply(ExpMinusEighth, x + tail);
    }
}
