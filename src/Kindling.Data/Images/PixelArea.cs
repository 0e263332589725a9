namespace Kindling.Data.Images;

/// <summary>A rectangle of pixels.</summary>
internal readonly record struct PixelArea(int Top, int Left, int Height, int Width);
