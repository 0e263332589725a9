using Kindling.Numerics;

namespace Kindling.Data.Tests;

public sealed class RandomTests
{
    [Fact]
    public void Mersenne_twister_gives_the_authors_first_numbers_and_the_standards_ten_thousandth()
    {
        var random = new Mt19937(5489);
        uint[] numbers = [.. Enumerable.Range(0, 10000).Select(_ => random.Next())];
        Assert.Equal(3499211612u, numbers[0]);
        Assert.Equal(4123659995u, numbers[^1]);
    }

    [Fact]
    public void Normal_numbers_have_the_moments_and_tails_of_the_normal_distribution()
    {
        const int Count = 2_000_000;
        var random = new RandomStream(11);
        double sum = 0, squares = 0, fourths = 0;
        int beyondOne = 0, beyondTail = 0;
        for (int i = 0; i < Count; i++)
        {
            double x = random.NextGaussian();
            sum += x;
            squares += x * x;
            fourths += x * x * x * x;
            beyondOne += Math.Abs(x) > 1 ? 1 : 0;
            beyondTail += Math.Abs(x) > 3.442619855899 ? 1 : 0;
        }

        Assert.Equal(0, sum / Count, 0.004);
        Assert.Equal(1, squares / Count, 0.006);
        Assert.Equal(3, fourths / Count, 0.05);
        Assert.Equal(0.317311, (double)beyondOne / Count, 0.002);
        Assert.Equal(0.000576, (double)beyondTail / Count, 0.0001);
    }

    [Fact]
    public void Numbers_of_neighbouring_keys_are_unrelated()
    {
        double product = 0;
        for (long key = 0; key < 10000; key++)
        {
            var a = new RandomStream(1, key);
            var b = new RandomStream(1, key + 1);
            product += (a.NextSingle() - 0.5) * (b.NextSingle() - 0.5);
        }

        Assert.Equal(0, 12 * product / 10000, 0.05);
    }

    [Fact]
    public void Below_reaches_every_number_equally_often()
    {
        var random = new RandomStream(3);
        int[] counts = new int[7];
        for (int i = 0; i < 70000; i++)
            counts[random.NextInt32(7)]++;
        Assert.All(counts, n => Assert.InRange(n, 9600, 10400));
    }
}
