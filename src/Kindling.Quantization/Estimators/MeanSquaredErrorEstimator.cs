namespace Kindling.Quantization.Estimators;

/// <summary>
/// The range with the smallest mean squared error between the values and their 8-bit form (Sung, Shin and Hwang 2015; Banner and others
/// 2019): the error of cutting far values off is weighed against the finer steps of what remains. Both ends are searched in turn.
/// </summary>
public sealed class MeanSquaredErrorEstimator : IRangeEstimator
{
    private const int Candidates = 80;
    private const int Rounds = 3;

    /// <inheritdoc/>
    public bool NeedsHistogram => true;

    /// <inheritdoc/>
    public ActivationRange Estimate(ActivationStatistics seen)
    {
        ArgumentNullException.ThrowIfNull(seen);
        var histogram = seen.Histogram!;
        var best = seen.Range;
        var least = Error(histogram, best);
        for (var round = 0; round < Rounds; round++)
        {
            var before = best;
            foreach (var share in Shares())
            {
                if (seen.Range.Max > 0)
                    Try(best with { Max = (float)(seen.Range.Max * share) });
            }

            foreach (var share in Shares())
            {
                if (seen.Range.Min < 0)
                    Try(best with { Min = (float)(seen.Range.Min * share) });
            }

            if (best == before)
                break;
        }

        return best;

        void Try(ActivationRange range)
        {
            var error = Error(histogram, range);
            if (error < least)
                (best, least) = (range, error);
        }
    }

    /// <summary>Sum of squared differences between bin centres and their 8-bit form in a range.</summary>
    internal static double Error(ActivationHistogram histogram, ActivationRange range)
    {
        var q = AffineQuantization.Asymmetric(range);
        double scale = q.Scale;
        double sum = 0;
        for (var bin = 0; bin < histogram.Count; bin++)
        {
            if (histogram[bin] == 0)
                continue;
            var value = histogram.Center(bin);
            var step = Math.Clamp(Math.Floor((value / scale) + 0.5) + q.ZeroPoint, -128, 127) - q.ZeroPoint;
            var error = value - (step * scale);
            sum += histogram[bin] * error * error;
        }

        return sum;
    }

    private static IEnumerable<double> Shares() => Enumerable.Range(1, Candidates).Select(i => 1 - (i * 0.95 / Candidates));
}
