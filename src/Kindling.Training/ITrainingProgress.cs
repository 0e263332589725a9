namespace Kindling.Training;

/// <summary>Told how a training goes, on the training thread.</summary>
public interface ITrainingProgress
{
    /// <summary>After each step.</summary>
    void OnStep(in StepProgress progress);

    /// <summary>Before the validation of an epoch.</summary>
    void OnValidation(int epoch)
    {
    }

    /// <summary>After each epoch and its validation.</summary>
    void OnEpoch(EpochResult result);
}

/// <summary>How far a training is.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Epochs">Epochs in all.</param>
/// <param name="Step">Steps of the epoch done.</param>
/// <param name="Steps">Steps of the epoch in all.</param>
/// <param name="Loss">Mean loss of the epoch so far.</param>
/// <param name="Accuracy">Accuracy of the epoch so far, 0 to 1.</param>
/// <param name="ImagesPerSecond">Speed of the epoch so far.</param>
/// <param name="TimeLeft">Time until all epochs are done at this speed, validation included once one was timed.</param>
public readonly record struct StepProgress(
    int Epoch, int Epochs, int Step, int Steps, double Loss, double Accuracy, double ImagesPerSecond, TimeSpan TimeLeft);
