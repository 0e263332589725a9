namespace Kindling.Quantization.Splitting;

/// <summary>
/// Where the range of a channel is cut into pieces that each have all 256 steps. A value in a piece of width w is rounded with noise in proportion to
/// w squared, pieces below it are full and those above empty, which is exact; so the cuts make the sum of w squared over the values smallest: narrow pieces
/// where most values lie. It is the companding of Bennett (1948, "Spectra of quantized signals") with as many straight parts as there are pieces. None is narrower than half of what the
/// widest may be: weights behind grow with the width of their piece, and all of a row are rounded in the steps of the largest.
/// </summary>
internal static class ChannelPieces
{
    // Cuts lie at multiples of this part of the largest value.
    private const int Grid = 60;

    /// <summary>Cuts a range.</summary>
    /// <param name="counts">How many values lie in each of equal bins from zero on; zeros themselves are not counted.</param>
    /// <param name="bin">Width of a bin.</param>
    /// <param name="end">End of the last piece, above 0.</param>
    /// <param name="pieces">How many pieces.</param>
    /// <returns>The ends of the pieces, ascending, the last one <paramref name="end"/>.</returns>
    public static float[] Cut(ReadOnlySpan<long> counts, float bin, float end, int pieces)
    {
        var narrowest = Grid / (pieces + 1);
        // below[g]: values in the first g parts of the grid.
        var below = new double[Grid + 1];
        for (var b = 0; b < counts.Length; b++)
            below[Math.Clamp(1 + (int)((b + 0.5) * bin / end * Grid), 1, Grid)] += counts[b];
        for (var g = 1; g <= Grid; g++)
            below[g] += below[g - 1];

        // least[p][g]: the least noise of p pieces that end at g.
        var least = new double[pieces + 1][];
        var from = new int[pieces + 1][];
        for (var p = 0; p <= pieces; p++)
            (least[p], from[p]) = (new double[Grid + 1], new int[Grid + 1]);
        Array.Fill(least[0], double.PositiveInfinity);
        least[0][0] = 0;
        for (var p = 1; p <= pieces; p++)
        {
            least[p][0] = double.PositiveInfinity;
            for (var g = 1; g <= Grid; g++)
            {
                least[p][g] = double.PositiveInfinity;
                for (var f = 0; f <= g - narrowest; f++)
                {
                    // The vanishing second term prefers even pieces where no value tells.
                    var noise = least[p - 1][f] + ((below[g] - below[f] + 1e-6) * (g - f) * (g - f));
                    if (noise < least[p][g])
                        (least[p][g], from[p][g]) = (noise, f);
                }
            }
        }

        var ends = new float[pieces];
        for (int p = pieces, g = Grid; p > 0; g = from[p--][g])
            ends[p - 1] = p == pieces ? end : end * g / Grid;
        return ends;
    }
}
