namespace Kindling.Formats.Weights;

/// <summary>The order of the dimensions of kernels in a file.</summary>
public enum WeightLayout
{
    /// <summary>Kindling's and TFLite's: convolution <c>[O, H, W, I]</c>, depthwise <c>[H, W, C]</c>, dense <c>[O, I]</c>.</summary>
    Kindling,

    /// <summary>Keras': convolution <c>[H, W, I, O]</c>, depthwise <c>[H, W, C, 1]</c>, dense <c>[I, O]</c>.</summary>
    Keras,

    /// <summary>Caffe's and PyTorch's: convolution <c>[O, I, H, W]</c>, depthwise <c>[C, 1, H, W]</c>, dense <c>[O, I]</c>.</summary>
    Caffe,
}
