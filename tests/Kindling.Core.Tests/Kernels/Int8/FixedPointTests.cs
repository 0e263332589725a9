using System.Numerics;
using Kindling.Numerics;
using Kindling.Tests.Kernels.Float;

namespace Kindling.Tests.Kernels.Int8;

/// <summary>The fixed-point arithmetic against whole numbers of unlimited size and against real numbers.</summary>
public sealed class FixedPointTests
{
    private static readonly int[] Corners = [0, 1, -1, 2, -2, 3, 127, -128, 1 << 30, -(1 << 30), int.MaxValue, int.MinValue, int.MaxValue - 1, int.MinValue + 1];

    [Fact]
    public void The_doubling_high_product_is_the_rounded_high_half_and_saturates_in_one_case_only()
    {
        foreach (var a in Corners)
        {
            foreach (var b in Corners)
                Check(a, b);
        }

        RandomCases.ForAll(500, random => Check((int)random.NextUInt64(), (int)random.NextUInt64()));
        Assert.Equal(int.MaxValue, FixedPoint.SaturatingRoundingDoublingHighMultiply(int.MinValue, int.MinValue));

        static void Check(int a, int b)
        {
            if (a == int.MinValue && b == int.MinValue)
                return;
            // floor(ab / 2^31 + 1/2)
            var expected = FloorDivide(((BigInteger)a * b) + (1L << 30), BigInteger.One << 31);
            Assert.Equal(expected, FixedPoint.SaturatingRoundingDoublingHighMultiply(a, b));
        }
    }

    [Fact]
    public void A_division_by_a_power_of_two_rounds_halves_away_from_zero()
    {
        Assert.Equal(1, FixedPoint.RoundingDivideByPowerOfTwo(1, 1));
        Assert.Equal(-1, FixedPoint.RoundingDivideByPowerOfTwo(-1, 1));
        Assert.Equal(-2, FixedPoint.RoundingDivideByPowerOfTwo(-6, 2));
        RandomCases.ForAll(500, random =>
        {
            var (x, exponent) = ((int)random.NextUInt64() >> random.NextInt32(31), random.NextInt32(32));
            var magnitude = FloorDivide(BigInteger.Abs(x) + ((BigInteger.One << exponent) / 2), BigInteger.One << exponent);
            Assert.Equal(x < 0 ? -magnitude : magnitude, FixedPoint.RoundingDivideByPowerOfTwo(x, exponent));
        });
    }

    [Theory]
    [InlineData(0.5, 1 << 30, 0)]
    [InlineData(1.0, 1 << 30, 1)]
    [InlineData(0.75, 1610612736, 0)]
    [InlineData(0.0001, 1759218604, -13)]
    [InlineData(0.99999999999, 1 << 30, 1)] // rounds up to 1
    [InlineData(0, 0, 0)]
    [InlineData(1e-12, 0, 0)] // below 2^-32
    public void A_factor_becomes_a_mantissa_of_31_bits_and_a_shift(double factor, int multiplier, int shift) =>
        Assert.Equal(new QuantizedMultiplier(multiplier, shift), QuantizedMultiplier.From(factor));

    [Fact]
    public void Any_factor_is_kept_to_31_bits() => RandomCases.ForAll(500, random =>
    {
        var factor = Math.Exp(random.NextSingle(-20, 20));
        var q = QuantizedMultiplier.From(factor);
        Assert.InRange(q.Multiplier, 1 << 30, int.MaxValue);
        Assert.InRange(Math.ScaleB(q.Multiplier, q.Shift - 31) / factor, 1 - Math.Pow(2, -31), 1 + Math.Pow(2, -31));
    });

    [Fact]
    public void A_factor_without_meaning_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => QuantizedMultiplier.From(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => QuantizedMultiplier.From(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => QuantizedMultiplier.From(1L << 31));
    }

    [Fact]
    public void Applying_a_factor_rounds_twice_as_TFLite_does() => RandomCases.ForAll(500, random =>
    {
        var q = QuantizedMultiplier.From(Math.Exp(random.NextSingle(-12, 3)));
        var x = random.NextInt32(1 << 24) - (1 << 23);
        var product = FloorDivide(((BigInteger)(x * (1L << Math.Max(0, q.Shift))) * q.Multiplier) + (1L << 30), BigInteger.One << 31);
        var exponent = Math.Max(0, -q.Shift);
        var magnitude = FloorDivide(BigInteger.Abs(product) + ((BigInteger.One << exponent) / 2), BigInteger.One << exponent);
        Assert.Equal(product < 0 ? -magnitude : magnitude, q.Apply(x));
    });

    [Fact]
    public void A_left_shift_wraps_around_as_in_32_bits() =>
        Assert.Equal(FixedPoint.SaturatingRoundingDoublingHighMultiply(unchecked(300_000 << 14), 1 << 30), new QuantizedMultiplier(1 << 30, 14).Apply(300_000));

    [Fact]
    public void The_exponential_and_the_logistic_function_are_right_to_20_bits() => RandomCases.ForAll(500, random =>
    {
        var a = -(int)(random.NextUInt64() >> 33) >> random.NextInt32(12);
        var exact = Math.Exp(a / (double)(1 << 26));
        Assert.Equal(exact, FixedPoint.ExpOnNegativeValues(a, 5) / 2147483648.0, 9e-7);
        Assert.Equal(1 / (1 + Math.Exp(-a / (double)(1 << 27))), FixedPoint.Logistic(a, 4) / 2147483648.0, 9e-7);
        Assert.Equal(1 / (1 + Math.Exp(a / (double)(1 << 27))), FixedPoint.Logistic(-a, 4) / 2147483648.0, 9e-7);
    });

    [Fact]
    public void The_checksum_is_zlibs() => Assert.Equal(0xCBF43926u, Crc32.Compute("123456789"u8));

    private static BigInteger FloorDivide(BigInteger a, BigInteger b)
    {
        var quotient = BigInteger.DivRem(a, b, out var remainder);
        return remainder.Sign < 0 ? quotient - 1 : quotient;
    }
}
