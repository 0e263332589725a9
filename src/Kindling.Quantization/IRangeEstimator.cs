namespace Kindling.Quantization;

/// <summary>Watches one activation over the calibration images and answers with the range to quantize.</summary>
public interface IRangeEstimator
{
    /// <summary>The range, after at least one call of <see cref="Observe"/>.</summary>
    ActivationRange Range { get; }

    /// <summary>Takes in the activation of one or more images.</summary>
    void Observe(ReadOnlySpan<float> values);
}
