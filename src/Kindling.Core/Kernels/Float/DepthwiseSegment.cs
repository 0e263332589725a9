namespace Kindling.Kernels.Float;

/// <summary>Neighbouring output pixels of a row that see the same columns of the window. Offsets are in floats from the row's start.</summary>
/// <param name="Pixels">1, 4 or 8 pixels at a time.</param>
/// <param name="Repeat">How many times.</param>
/// <param name="FirstTap">The first column of the window inside the image.</param>
/// <param name="Taps">Columns of the window inside the image.</param>
/// <param name="Input">To the first tap of the first pixel.</param>
/// <param name="Output">To the first pixel.</param>
internal readonly record struct DepthwiseSegment(int Pixels, int Repeat, int FirstTap, int Taps, nint Input, nint Output);
