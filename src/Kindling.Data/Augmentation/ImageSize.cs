namespace Kindling.Data.Augmentation;

/// <summary>Rows and columns of an image.</summary>
internal readonly record struct ImageSize(int Height, int Width);
