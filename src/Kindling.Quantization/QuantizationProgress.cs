namespace Kindling.Quantization;

/// <summary>How far a quantization has come.</summary>
/// <param name="Stage">What is being done: <c>calibrating</c>, <c>tuning conv1</c>, …</param>
/// <param name="Done">The share of the stage that is done, 0 to 1; unknown totals stay at 0.</param>
/// <param name="Images">Images seen in this stage; 0 where images are not counted.</param>
public readonly record struct QuantizationProgress(string Stage, double Done, int Images = 0);
