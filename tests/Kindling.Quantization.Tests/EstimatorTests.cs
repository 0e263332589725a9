using Kindling.Quantization.Estimators;

namespace Kindling.Quantization.Tests;

public class EstimatorTests
{
    [Fact]
    public void Min_max_takes_the_ends()
    {
        var range = new MinMaxEstimator().Estimate(Seen([-1, 2, 0], [3, -2.5f, 1]));
        Assert.Equal(new ActivationRange(-2.5f, 3), range);
    }

    [Fact]
    public void Moving_average_takes_the_mean_of_the_images_ends()
    {
        var range = new MovingAverageEstimator().Estimate(Seen([0, 4], [-2, 8], [-4, 12]));
        Assert.Equal(-2, range.Min, 1e-5f);
        Assert.Equal(8, range.Max, 1e-5f);
    }

    [Fact]
    public void After_a_hundred_images_the_moving_average_follows_the_newest_by_a_hundredth()
    {
        var seen = new ActivationStatistics(0, withHistogram: false);
        for (var i = 0; i < 100; i++)
            seen.Observe([0, 1]);
        seen.Observe([0, 101]);
        Assert.Equal(2, seen.AverageRange.Max, 1e-4f);
    }

    [Fact]
    public void A_percentile_leaves_out_that_share_of_the_values_at_the_far_end()
    {
        // 0, 1, 2, … 9999: 99 % of them lie below 9900.
        var values = Enumerable.Range(0, 10_000).Select(i => (float)i).ToArray();
        var range = new PercentileEstimator(99).Estimate(Seen(values));
        Assert.Equal(0, range.Min);
        Assert.Equal(9900, range.Max, 4f);
    }

    [Fact]
    public void A_percentile_of_both_signs_leaves_out_half_of_the_share_at_either_end()
    {
        var values = Enumerable.Range(-5000, 10_001).Select(i => (float)i).ToArray();
        var range = new PercentileEstimator(98).Estimate(Seen(values));
        Assert.Equal(-4900, range.Min, 4f);
        Assert.Equal(4900, range.Max, 4f);
    }

    [Fact]
    public void The_whole_share_is_the_whole_range()
    {
        Assert.Equal(new ActivationRange(-3, 7), new PercentileEstimator(100).Estimate(Seen([-3, 0, 7])));
        Assert.Contains("percentile", Assert.Throws<KindlingException>(() => new PercentileEstimator(50)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Squared_error_cuts_off_a_lone_outlier_and_keeps_what_is_common()
    {
        // 100 000 values evenly from 0 to 1 in steps of range/255: variance step^2/12 each. Cutting 2.0 at c costs (2-c)^2 once.
        // Error(c) = 1e5 (c/255)^2 / 12 + (2 - c)^2 is least where 1e5 c / (12 * 65025) = 2 - c, so c = 2 / 1.128 = 1.773.
        var values = Enumerable.Range(0, 100_000).Select(i => (i + 0.5f) / 100_000).Append(2f).ToArray();
        var range = new MeanSquaredErrorEstimator().Estimate(Seen(values));
        Assert.Equal(0, range.Min, 1e-3f);
        Assert.Equal(1.773f, range.Max, 0.08f);
    }

    [Fact]
    public void Squared_error_keeps_an_even_distribution_whole()
    {
        var values = Enumerable.Range(0, 50_000).Select(i => (i / 25_000f) - 1).ToArray();
        var range = new MeanSquaredErrorEstimator().Estimate(Seen(values));
        Assert.Equal(-1, range.Min, 0.02f);
        Assert.Equal(1, range.Max, 0.02f);
    }

    [Fact]
    public void Entropy_keeps_an_even_distribution_and_cuts_a_long_thin_tail()
    {
        var even = Enumerable.Range(0, 50_000).Select(i => i / 50_000f).ToArray();
        Assert.InRange(new EntropyEstimator().Estimate(Seen(even)).Max, 0.97f, 1f);

        // An exponential distribution of mean 1/20 that reaches to 20 once: nearly all information lies below 1.
        var tail = Enumerable.Range(0, 100_000).Select(i => -MathF.Log(1 - ((i + 0.5f) / 100_000)) / 20).Append(20f).ToArray();
        Assert.InRange(new EntropyEstimator().Estimate(Seen(tail)).Max, 0.2f, 5f);
    }

    [Fact]
    public void The_histogram_is_the_same_in_any_order_and_counts_every_value()
    {
        float[][] images = [[0, 0, 0], [1e-20f, -3e-8f], [5, -0.25f], [1000, 999.9f], [-0.001f]];
        var (a, b) = (Seen(images).Histogram!, Seen([.. images.Reverse()]).Histogram!);
        Assert.Equal(images.Sum(i => i.Length), a.Total);
        Assert.InRange(a.Count, 2048, 4096);
        Assert.Equal(a.Count, b.Count);
        for (var bin = 0; bin < a.Count; bin++)
        {
            Assert.Equal(a[bin], b[bin]);
            Assert.Equal(a.Edge(bin), b.Edge(bin));
        }

        Assert.Equal(1, a[a.BinOf(5)]);
        // Bins are a quarter wide here: -0.25, -0.001 and -3e-8 share one.
        Assert.Equal(3, a[a.BinOf(-0.1)]);
    }

    [Fact]
    public void Class_scores_keep_what_lies_within_seven_of_a_decision()
    {
        var scores = new ScoreStatistics();
        scores.Observe([30, 2, -40]);
        scores.Observe([5, 4, -1]);
        // The least best score is 5, the largest second-best 4.
        Assert.Equal(new ActivationRange(-2, 11), scores.Within(new ActivationRange(-40, 30)));
        Assert.Equal(new ActivationRange(0, 6), scores.Within(new ActivationRange(0, 6)));
    }

    private static ActivationStatistics Seen(params float[][] images)
    {
        var seen = new ActivationStatistics(0, withHistogram: true);
        foreach (var image in images)
            seen.Observe(image);
        return seen;
    }
}
