namespace Kindling.Formats.Tflite;

/// <summary>The operators of the TFLite schema that the reader and writer know; values are the schema's.</summary>
internal enum TfliteOperatorCode
{
    Add = 0,
    AveragePool2D = 1,
    Concatenation = 2,
    Conv2D = 3,
    DepthwiseConv2D = 4,
    Dequantize = 6,
    FullyConnected = 9,
    Logistic = 14,
    MaxPool2D = 17,
    Mul = 18,
    Relu = 19,
    ReluN1To1 = 20,
    Relu6 = 21,
    Reshape = 22,
    Softmax = 25,
    Custom = 32,
    Pad = 34,
    Mean = 40,
    Sub = 41,
    Squeeze = 43,
    StridedSlice = 45,
    Maximum = 55,
    Minimum = 57,
    PadV2 = 60,
    ExpandDims = 70,
    Shape = 77,
    Pack = 83,
    LeakyRelu = 98,
    Quantize = 114,
    HardSwish = 117,

    /// <summary>Stands in the old one-byte field for every later code.</summary>
    PlaceholderForGreaterCodes = 127,
}
