namespace Kindling.Quantization.Estimators;

/// <summary>The smallest and largest value seen: TFLite's calibration. Nothing is cut off; one outlier makes every step coarser.</summary>
public sealed class MinMaxEstimator : IRangeEstimator
{
    /// <inheritdoc/>
    public bool NeedsHistogram => false;

    /// <inheritdoc/>
    public ActivationRange Estimate(ActivationStatistics seen)
    {
        ArgumentNullException.ThrowIfNull(seen);
        return seen.Range;
    }
}
