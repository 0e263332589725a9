namespace Kindling.Quantization.Estimators;

/// <summary>
/// The range that holds a given share of all values (McKinstry and others 2018; Wu and others 2020). Of values with both signs half of
/// the rest is cut off at either end, of values with one sign all of it at the far end.
/// </summary>
public sealed class PercentileEstimator : IRangeEstimator
{
    /// <summary>The share that is kept unless another is asked for.</summary>
    public const double DefaultPercentile = 99.99;

    private readonly double _outside;

    /// <summary>Creates the estimator.</summary>
    /// <param name="percentile">Values to keep, in percent: above 50, at most 100.</param>
    /// <exception cref="KindlingException">The percentile is outside that.</exception>
    public PercentileEstimator(double percentile = DefaultPercentile)
    {
        if (percentile is not (> 50 and <= 100))
            throw new KindlingException($"calibration percentile {percentile} is not above 50 and at most 100");
        _outside = 1 - (percentile / 100);
    }

    /// <inheritdoc/>
    public bool NeedsHistogram => true;

    /// <inheritdoc/>
    public ActivationRange Estimate(ActivationStatistics seen)
    {
        ArgumentNullException.ThrowIfNull(seen);
        var histogram = seen.Histogram!;
        var (low, high) = (seen.Range.Min, seen.Range.Max);
        var share = low < 0 && high > 0 ? _outside / 2 : _outside;
        var allowed = (long)(histogram.Total * share);
        if (low < 0)
            low = Math.Max(low, (float)histogram.Edge(BinAfter(histogram, allowed, 0, 1)));
        if (high > 0)
            high = Math.Min(high, (float)histogram.Edge(BinAfter(histogram, allowed, histogram.Count - 1, -1) + 1));
        return new ActivationRange(low, high);
    }

    // The first bin from one end at which more than the allowed number of values has been passed.
    private static int BinAfter(ActivationHistogram histogram, long allowed, int bin, int step)
    {
        long passed = 0;
        while ((passed += histogram[bin]) <= allowed)
            bin += step;
        return bin;
    }
}
