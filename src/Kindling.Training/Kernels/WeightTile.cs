namespace Kindling.Training.Kernels;

/// <summary>A stretch of pixels a tile passes over.</summary>
/// <param name="Input">Floats from the start of the input to the stretch's first tap.</param>
/// <param name="Gradient">Floats from the start of the gradient to the stretch's first pixel.</param>
/// <param name="Count">Pixels.</param>
internal readonly record struct PixelRun(nint Input, nint Gradient, nint Count);

/// <summary>The work of one register tile: sum[row][column] += input[row] * gradient[column] over stretches of pixels. Steps are in floats.</summary>
internal unsafe struct WeightTile
{
    /// <summary>The input at the tile's first row.</summary>
    public float* Input;

    /// <summary>From one pixel's tap to the next.</summary>
    public nint InputStep;

    /// <summary>The gradient at the tile's first column.</summary>
    public float* Gradient;

    /// <summary>From one pixel's gradient to the next.</summary>
    public nint GradientStep;

    /// <summary>The stretches.</summary>
    public PixelRun* Runs;

    /// <summary>Number of stretches.</summary>
    public int RunCount;

    /// <summary>The sums, first row.</summary>
    public float* Sums;

    /// <summary>From one row of sums to the next.</summary>
    public nint SumStep;
}
