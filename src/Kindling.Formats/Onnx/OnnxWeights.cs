namespace Kindling.Formats.Onnx;

/// <summary>
/// The element type of an int8 network's weights. Both stand for the same numbers and read back as the same network; they differ in the kernels
/// that ONNX Runtime runs them by, beside activations of uint8.
/// </summary>
public enum OnnxWeights
{
    /// <summary>uint8 around a zero point of 128: exact on every processor.</summary>
    UInt8,

    /// <summary>
    /// int8 around a zero point of 0, which converters for devices expect. On x86 processors without VNNI, ONNX Runtime adds two products of such
    /// weights in 16 bits, which saturates, unless its session option <c>session.x64quantprecision</c> is 1.
    /// </summary>
    Int8,
}
