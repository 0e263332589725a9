namespace Kindling.Quantization.Estimators;

/// <summary>
/// The moving average of each image's smallest and largest value, as quantization-aware training tracks ranges (Jacob and others 2018,
/// section 3.1): an outlier counts as much as its image. What a rare image needs beyond it saturates.
/// </summary>
public sealed class MovingAverageEstimator : IRangeEstimator
{
    /// <inheritdoc/>
    public bool NeedsHistogram => false;

    /// <inheritdoc/>
    public ActivationRange Estimate(ActivationStatistics seen)
    {
        ArgumentNullException.ThrowIfNull(seen);
        return seen.AverageRange;
    }
}
