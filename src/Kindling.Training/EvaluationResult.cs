namespace Kindling.Training;

/// <summary>How good a network is on a set of images.</summary>
/// <param name="Images">Images evaluated.</param>
/// <param name="Loss">Mean cross-entropy.</param>
/// <param name="Accuracy">Share whose largest score is their label's, 0 to 1.</param>
public sealed record EvaluationResult(int Images, double Loss, double Accuracy);
