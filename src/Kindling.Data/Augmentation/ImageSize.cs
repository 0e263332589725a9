namespace Kindling.Data.Augmentation;

/// <summary>Rows and columns of an image.</summary>
public readonly record struct ImageSize(int Height, int Width);
