using Kindling.Quantization.Estimators;

namespace Kindling.Quantization.Tests;

public class AffineQuantizationTests
{
    [Fact]
    public void The_range_of_pixels_scaled_by_1_over_127_5_gets_the_converters_scale_and_zero_point()
    {
        var q = AffineQuantization.Asymmetric(new ActivationRange(-1, 1));
        Assert.Equal(0.00784314f, q.Scale, 1e-8f);
        Assert.Equal(127 - 128, q.ZeroPoint);
    }

    [Theory]
    [InlineData(0, 6, -128)]
    [InlineData(0, 1, -128)]
    [InlineData(-3, 0, 127)]
    [InlineData(2, 5, -128)]
    [InlineData(-5, -2, 127)]
    public void A_range_on_one_side_is_widened_to_hold_zero(float min, float max, int zeroPoint)
    {
        var q = AffineQuantization.Asymmetric(new ActivationRange(min, max));
        Assert.Equal(zeroPoint, q.ZeroPoint);
        Assert.Equal((Math.Max(max, 0) - Math.Min(min, 0)) / 255, q.Scale, 1e-6f);
    }

    [Fact]
    public void Zero_is_represented_exactly_and_the_ends_to_one_step()
    {
        for (var i = 1; i < 200; i++)
        {
            var range = new ActivationRange(-0.037f * i, 11f / i);
            var q = AffineQuantization.Asymmetric(range);
            Assert.InRange(q.ZeroPoint, -128, 127);
            Assert.Equal(q.ZeroPoint, AffineQuantization.ToInt8(0, q));
            Assert.Equal(range.Min, (-128 - q.ZeroPoint) * q.Scale, q.Scale);
            Assert.Equal(range.Max, (127 - q.ZeroPoint) * q.Scale, q.Scale);
        }
    }

    [Fact]
    public void An_activation_that_never_fires_still_gets_a_valid_scale()
    {
        var q = AffineQuantization.Asymmetric(new ActivationRange(0, 0));
        Assert.True(q.Scale > 1e-6f);
        Assert.Equal(-128, q.ZeroPoint);
    }
}
