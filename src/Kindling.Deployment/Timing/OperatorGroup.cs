namespace Kindling.Deployment;

/// <summary>The groups of operators whose cycles for each instruction are told apart.</summary>
public enum OperatorGroup
{
    /// <summary>CONV_2D.</summary>
    Convolution,

    /// <summary>DEPTHWISE_CONV_2D.</summary>
    Depthwise,

    /// <summary>Everything else: pools, MEAN, ADD, MUL, QUANTIZE, FULLY_CONNECTED, SOFTMAX and so on.</summary>
    Other,
}
