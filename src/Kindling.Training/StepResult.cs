namespace Kindling.Training;

/// <summary>What a training step found before it changed the weights.</summary>
/// <param name="Loss">Cross-entropy, the mean over the batch.</param>
/// <param name="Correct">Samples whose largest score is their label's.</param>
public readonly record struct StepResult(float Loss, int Correct);
