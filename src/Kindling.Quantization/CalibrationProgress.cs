namespace Kindling.Quantization;

/// <summary>How far a calibration has come.</summary>
/// <param name="Images">Images seen.</param>
public readonly record struct CalibrationProgress(int Images);
