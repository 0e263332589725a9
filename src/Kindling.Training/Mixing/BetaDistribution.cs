using Kindling.Numerics;

namespace Kindling.Training.Mixing;

/// <summary>Numbers from Beta(alpha, alpha), by way of two gamma variates (Marsaglia and Tsang 2000).</summary>
internal static class BetaDistribution
{
    /// <summary>Draws a number from 0 to 1.</summary>
    public static float Draw(ref RandomStream random, float alpha)
    {
        var (a, b) = (Gamma(ref random, alpha), Gamma(ref random, alpha));
        return a + b > 0 ? (float)(a / (a + b)) : 0.5f;
    }

    private static double Gamma(ref RandomStream random, double alpha)
    {
        // Below 1 the method does not hold; Gamma(alpha) is Gamma(alpha + 1) times a power of a uniform number.
        var boost = alpha < 1 ? Math.Pow(1 - random.NextSingle(), 1 / alpha) : 1;
        var d = (alpha < 1 ? alpha + 1 : alpha) - (1 / 3.0);
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            double x = random.NextGaussian();
            var v = 1 + (c * x);
            if (v <= 0)
                continue;
            v = v * v * v;
            var u = 1 - random.NextSingle();
            if (Math.Log(u) < (0.5 * x * x) + d - (d * v) + (d * Math.Log(v)))
                return boost * d * v;
        }
    }
}
