namespace Kindling.Formats.Weights;

/// <summary>What a tensor is to its layer.</summary>
public enum WeightRole
{
    /// <summary>The kernel of a convolution or the matrix of a fully connected layer.</summary>
    Weights,

    /// <summary>The summand of each output channel.</summary>
    Bias,

    /// <summary>The factor of batch normalization.</summary>
    Gamma,

    /// <summary>The summand of batch normalization.</summary>
    Beta,

    /// <summary>The moving mean of batch normalization.</summary>
    Mean,

    /// <summary>The moving variance of batch normalization.</summary>
    Variance,
}
