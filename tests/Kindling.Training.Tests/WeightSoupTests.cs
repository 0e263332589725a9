using Kindling.Graphs;
using Kindling.Training.Averaging;

namespace Kindling.Training.Tests;

public sealed class WeightSoupTests
{
    [Fact]
    public void Every_constant_is_the_weighted_mean()
    {
        var (first, second, mean) = (TestNetworks.Stripes(seed: 1), TestNetworks.Stripes(seed: 2), TestNetworks.Stripes(seed: 3));

        WeightSoup.Mix(mean, [(first, 1), (second, 3)]);

        var (a, b, m) = (TestNetworks.Weights(first), TestNetworks.Weights(second), TestNetworks.Weights(mean));
        for (var i = 0; i < m.Length; i++)
            Assert.Equal((a[i] + (3.0 * b[i])) / 4, m[i], 1e-6);
        Assert.NotEqual(a, m);
    }

    [Fact]
    public void The_mean_may_be_written_over_one_of_its_parts()
    {
        var (first, second, mean) = (TestNetworks.Stripes(seed: 1), TestNetworks.Stripes(seed: 2), TestNetworks.Stripes(seed: 3));
        WeightSoup.Mix(mean, [(first, 1), (second, 1)]);

        WeightSoup.Mix(first, [(first, 1), (second, 1)]);

        Assert.Equal(TestNetworks.Weights(mean), TestNetworks.Weights(first));
    }

    [Fact]
    public void Another_network_is_refused_by_the_constant_that_differs()
    {
        var b = new GraphBuilder("other", 1);
        var other = b.Build(null, b.Dense(b.Input("x", 1, 5), 3));
        var error = Assert.Throws<KindlingException>(() => WeightSoup.Mix(TestNetworks.Stripes(), [(TestNetworks.Stripes(), 1), (other, 1)]));
        Assert.Contains("none in other; only trainings of one network can be averaged", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public void A_share_that_is_not_above_0_is_refused(double share)
    {
        var error = Assert.Throws<KindlingException>(() => WeightSoup.Mix(TestNetworks.Stripes(), [(TestNetworks.Stripes(), 1), (TestNetworks.Stripes(), share)]));
        Assert.Contains("each must be a number above 0", error.Message, StringComparison.Ordinal);
    }
}
