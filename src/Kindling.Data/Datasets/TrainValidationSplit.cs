namespace Kindling.Data;

/// <summary>Two views of one data set that share no photo.</summary>
/// <param name="Training">What weights, statistics and calibration may see.</param>
/// <param name="Validation">What accuracy is measured on.</param>
public sealed record TrainValidationSplit(ImageDataset Training, ImageDataset Validation);
