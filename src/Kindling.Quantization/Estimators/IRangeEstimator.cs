namespace Kindling.Quantization.Estimators;

/// <summary>Chooses the range in which an activation is quantized from what was seen of it.</summary>
public interface IRangeEstimator
{
    /// <summary>True when <see cref="ActivationStatistics.Histogram"/> is read.</summary>
    bool NeedsHistogram { get; }

    /// <summary>The range to quantize: within the smallest and largest value seen.</summary>
    /// <param name="seen">The activation over all calibration images, at least one.</param>
    ActivationRange Estimate(ActivationStatistics seen);
}
