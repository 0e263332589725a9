using Kindling.Execution;
using Kindling.Kernels.Float;

namespace Kindling.Training.Kernels;

/// <summary>The stages of a convolution's backward pass; those that are null are left out. Views are of the whole batch, stages work on one group.</summary>
internal sealed record ConvolutionGradientWork
{
    /// <summary>The convolution's input, not yet normalized.</summary>
    public required TensorView X { get; init; }

    /// <summary>Normalizes the input.</summary>
    public Normalization? Input { get; init; }

    /// <summary>The convolution's output; read with <see cref="Behind"/> only.</summary>
    public TensorView Y { get; init; }

    /// <summary>The gradient at the output, or behind the normalization that follows.</summary>
    public required TensorView Dy { get; init; }

    /// <summary>The normalization that follows.</summary>
    public Normalization? Behind { get; init; }

    /// <summary>Adds up the weights' gradient.</summary>
    public IWeightGradientSums? WeightSums { get; init; }

    /// <summary>Where, a part after the other.</summary>
    public TensorView WeightPartials { get; init; }

    /// <summary>The input as <see cref="WeightSums"/> wants it, between zeros.</summary>
    public PaddedImages? Padded { get; init; }

    /// <summary>Makes the gradient at the input.</summary>
    public IImageKernel? InputGradient { get; init; }

    /// <summary>The gradient at the input.</summary>
    public TensorView Dx { get; init; }

    /// <summary>The range inside which the layer before, which clips, lets the gradient at the input through; null when that is not done here.</summary>
    public (float Min, float Max)? Clipping { get; init; }

    /// <summary>The sums the normalization before needs, <c>[parts, 2, C]</c>.</summary>
    public TensorView? InputSums { get; init; }
}
