namespace Kindling.Numerics;

/// <summary>
/// How sums become 8-bit outputs. TFLite's runtimes fall into two families that differ by one unit in up to 0.5 % of a layer's outputs;
/// "bit-exact" always names its family.
/// </summary>
public enum Int8Arithmetic
{
    /// <summary>
    /// TFLite's reference kernels, TensorFlow Lite Micro, CMSIS-NN and the C that Kindling generates: a Q31 multiplier worked out in double
    /// precision, a product that rounds, a shift that rounds half away from zero, fixed-point softmax and logistic function.
    /// </summary>
    TfliteMicro,

    /// <summary>
    /// XNNPACK, which LiteRT runs on phones and in browsers: the sum times a single-precision factor, rounded half to even. CONV_2D,
    /// DEPTHWISE_CONV_2D, FULLY_CONNECTED, MEAN and MUL differ from <see cref="TfliteMicro"/>; SOFTMAX, LOGISTIC and QUANTIZE from float are worked out in
    /// floats; all other operators are the same in both. This is also how ONNX specifies QuantizeLinear and QLinearConv, and what ONNX Runtime computes.
    /// </summary>
    Xnnpack,
}
