namespace Kindling.Quantization.Estimators;

/// <summary>
/// The range whose 8-bit form tells the least less than the values themselves: the smallest Kullback-Leibler divergence between the
/// histogram cut off at the range's ends (what lies outside counted at the ends) and the same in 256 steps (Migacz, "8-bit inference
/// with TensorRT", GTC 2017). Both ends shrink together. The spike of exact zeros that a ReLU leaves is counted as its neighbour: zero
/// is represented exactly in any range and would drown everything else.
/// </summary>
public sealed class EntropyEstimator : IRangeEstimator
{
    private const int Levels = 256;
    private const int Candidates = 120;
    private const double Least = 1e-4;

    /// <inheritdoc/>
    public bool NeedsHistogram => true;

    /// <inheritdoc/>
    public ActivationRange Estimate(ActivationStatistics seen)
    {
        ArgumentNullException.ThrowIfNull(seen);
        var histogram = seen.Histogram!;
        var counts = CountsWithoutZeroSpike(histogram);
        var zero = Math.Clamp(histogram.BinOf(0), 0, counts.Length - 1);
        var (below, above) = (zero, counts.Length - 1 - zero);
        var (best, least) = (seen.Range, Divergence(counts, 0, counts.Length));
        for (var i = 1; i < Candidates; i++)
        {
            var share = 1 - ((double)i / Candidates);
            var first = zero - (int)Math.Round(below * share);
            var last = zero + (int)Math.Round(above * share) + 1;
            if (last - first < Levels)
                break;
            var divergence = Divergence(counts, first, last);
            if (divergence < least)
                (best, least) = (new ActivationRange(Math.Max(best.Min, Low(first)), Math.Min(best.Max, High(last))), divergence);
        }

        return best;

        float Low(int bin) => bin == 0 ? seen.Range.Min : (float)histogram.Edge(bin);

        float High(int bin) => bin == counts.Length ? seen.Range.Max : (float)histogram.Edge(bin);
    }

    private static double[] CountsWithoutZeroSpike(ActivationHistogram histogram)
    {
        var counts = new double[histogram.Count];
        for (var bin = 0; bin < counts.Length; bin++)
            counts[bin] = histogram[bin];
        var zero = histogram.BinOf(0);
        if (zero >= 0 && zero < counts.Length)
        {
            var neighbours = Math.Max(zero > 0 ? counts[zero - 1] : 0, zero + 1 < counts.Length ? counts[zero + 1] : 0);
            counts[zero] = Math.Min(counts[zero], neighbours);
        }

        return counts;
    }

    /// <summary>Divergence of bins <paramref name="first"/> to below <paramref name="last"/>, outliers at the ends, from their form in 256 steps.</summary>
    private static double Divergence(double[] counts, int first, int last)
    {
        var length = last - first;
        var (outliersBelow, outliersAbove) = (Rows.Sum(counts.AsSpan(0, first)), Rows.Sum(counts.AsSpan(last)));
        var total = Rows.Sum(counts.AsSpan(first, length)) + outliersBelow + outliersAbove;
        var inside = total - outliersBelow - outliersAbove;
        if (inside <= 0)
            return double.PositiveInfinity;
        double divergence = 0;
        for (var level = 0; level < Levels; level++)
        {
            var (from, to) = (first + (int)((long)level * length / Levels), first + (int)((long)(level + 1) * length / Levels));
            double sum = 0;
            var filled = 0;
            for (var bin = from; bin < to; bin++)
            {
                sum += counts[bin];
                filled += Expected(bin) > 0 ? 1 : 0;
            }

            for (var bin = from; bin < to; bin++)
            {
                var p = Expected(bin) / total;
                if (p > 0)
                    divergence += p * Math.Log(p / Math.Max(sum / filled / inside, Least / length));
            }
        }

        return divergence;

        double Expected(int bin) => counts[bin] + (bin == first ? outliersBelow : 0) + (bin == last - 1 ? outliersAbove : 0);
    }
}
