using Kindling.Training.Schedules;

namespace Kindling.Training.Tests;

public sealed class ScheduleTests
{
    [Fact]
    public void LRLinearDecay_holds_falls_and_stays() =>
        Check(new LRLinearDecay(0.1f, 2, 4, 0.02f), (0, 0.1f), (2, 0.1f), (4, 0.06f), (6, 0.02f), (60, 0.02f));

    [Fact]
    public void LRExponentialDecay_holds_falls_and_stops_at_the_minimum() =>
        Check(new LRExponentialDecay(0.1f, 1, 0.5f, 0.02f), (0, 0.1f), (1, 0.1f), (2, 0.1f * MathF.Exp(-0.5f)), (50, 0.02f));

    [Fact]
    public void LRStepDecay_falls_every_few_epochs() =>
        Check(new LRStepDecay(0.1f, 3, 0.5f, 0.02f), (0, 0.1f), (2, 0.1f), (3, 0.05f), (6, 0.025f), (9, 0.02f));

    [Fact]
    public void LRCosineDecay_is_half_way_in_the_middle() =>
        Check(new LRCosineDecay(0.1f, 2, 10, 0.02f), (0, 0.1f), (2, 0.1f), (7, 0.06f), (12, 0.02f), (40, 0.02f));

    [Fact]
    public void LRWarmupCosineDecay_rises_holds_and_falls() =>
        Check(new LRWarmupCosineDecay(0.01f, 4, 0.05f, 2, 10), (0, 0.01f), (2, 0.03f), (4, 0.05f), (6, 0.05f), (11, 0.025f), (16, 0));

    [Fact]
    public void LRCosineDecayRestarts_falls_in_periods_that_grow_and_begin_lower() =>
        Check(new LRCosineDecayRestarts(0.1f, 4, 0.02f, 2, 0.5f), (0, 0.1f), (2, 0.06f), (4, 0.06f), (8, 0.04f), (12, 0.04f), (20, 0.03f));

    [Fact]
    public void LRPolynomialDecay_follows_a_power_of_the_epochs_left() =>
        Check(new LRPolynomialDecay(0.1f, 2, 4, 0.02f, 0.5f), (0, 0.1f), (2, 0.1f), (5, 0.06f), (6, 0.02f), (60, 0.02f));

    [Fact]
    public void LRPolynomialDecayRestarts_jumps_up_less_high_each_time() =>
        Check(new LRPolynomialDecayRestarts(0.1f, 1, 4, 0, 1), (0, 0.1f), (1, 0.1f), (3, 0.05f), (5, 0), (6, 0.1f * 3 / 8), (9, 0), (10, 0.1f * 3 / 12));

    [Fact]
    public void LRPiecewiseConstantDecay_changes_at_its_boundaries() =>
        Check(new LRPiecewiseConstantDecay([2, 5], [0.1f, 0.03f, 0.01f]), (0, 0.1f), (1, 0.1f), (2, 0.03f), (4, 0.03f), (5, 0.01f), (99, 0.01f));

    [Fact]
    public void Rates_that_do_not_fit_their_boundaries_are_refused()
    {
        Assert.Contains("2 boundaries need 3 values, not 2", Assert.Throws<KindlingException>(() => new LRPiecewiseConstantDecay([1, 2], [1, 2])).Message, StringComparison.Ordinal);
        Assert.Contains("do not ascend", Assert.Throws<KindlingException>(() => new LRPiecewiseConstantDecay([2, 2], [1, 2, 3])).Message, StringComparison.Ordinal);
        Assert.Contains("t_mul", Assert.Throws<KindlingException>(() => new LRCosineDecayRestarts(1, 1, 0, 0.5f)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ConstantLR_never_changes() => Check(new ConstantLR(0.3f), (0, 0.3f), (1000, 0.3f));

    private static void Check(LearningRateSchedule schedule, params (int Epoch, float Rate)[] expected)
    {
        foreach (var (epoch, rate) in expected)
            Assert.Equal(rate, schedule.At(epoch), 1e-6f);
    }
}
