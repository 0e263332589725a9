using Kindling.Graphs.Operators;

namespace Kindling.Kernels.Float.Convolution;

/// <summary>How a convolution slides, and what it does with its sums.</summary>
/// <param name="Stride">Step of the window.</param>
/// <param name="Padding">Zeros around the input; not negative.</param>
/// <param name="Dilation">Distance between taps.</param>
/// <param name="Activation">Applied to the sum.</param>
/// <param name="Accumulate">True adds to what the output holds instead of starting from the bias.</param>
internal readonly record struct ConvSettings(
    Size2D Stride, Padding Padding, Size2D Dilation, Activation Activation = Activation.None, bool Accumulate = false)
{
    /// <summary>A 1x1 step without padding: a matrix product over the pixels.</summary>
    public static ConvSettings Pointwise => new(1, Padding.None, 1);
}
