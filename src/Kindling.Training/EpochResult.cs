namespace Kindling.Training;

/// <summary>What an epoch brought.</summary>
/// <param name="Epoch">Its number, from 1.</param>
/// <param name="LearningRate">The rate it was trained at.</param>
/// <param name="Loss">Mean loss of its batches, dropout and augmentation included.</param>
/// <param name="Accuracy">Share of its images classified right, 0 to 1.</param>
/// <param name="ValidationLoss">Loss of the validation set after it; null without one.</param>
/// <param name="ValidationAccuracy">Accuracy on the validation set after it, 0 to 1; null without one.</param>
/// <param name="ImagesPerSecond">Training speed.</param>
/// <param name="Seconds">Duration, validation included.</param>
public sealed record EpochResult(
    int Epoch, float LearningRate, double Loss, double Accuracy, double? ValidationLoss, double? ValidationAccuracy, double ImagesPerSecond, double Seconds)
{
    /// <summary>The value of a metric; null when the epoch has none.</summary>
    public double? Of(Metric metric) => metric switch
    {
        Metric.Loss => Loss,
        Metric.Accuracy => Accuracy,
        Metric.ValidationLoss => ValidationLoss,
        Metric.ValidationAccuracy => ValidationAccuracy,
        _ => throw new ArgumentOutOfRangeException(nameof(metric)),
    };
}
