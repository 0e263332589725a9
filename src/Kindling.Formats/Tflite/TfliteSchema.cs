using Kindling.Tensors;

namespace Kindling.Formats.Tflite;

/// <summary>Field numbers and constants of the TFLite schema, version 3 (tensorflow/lite/schema/schema.fbs).</summary>
internal static class TfliteSchema
{
    public const string Identifier = "TFL3";
    public const int Version = 3;
    public const byte PaddingSame = 0;
    public const byte PaddingValid = 1;

    /// <summary>The name of the metadata entry that holds preprocessing and class names.</summary>
    public const string MetadataName = "kindling";

    /// <summary>The schema's number of an element type.</summary>
    public static byte TypeCode(ElementType type) => type switch
    {
        ElementType.Float32 => 0,
        ElementType.Int32 => 2,
        ElementType.UInt8 => 3,
        ElementType.Int64 => 4,
        ElementType.Int8 => 9,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>The element type behind a number of the schema; null when Kindling has none.</summary>
    public static ElementType? TypeOf(byte code) => code switch
    {
        0 => ElementType.Float32,
        2 => ElementType.Int32,
        3 => ElementType.UInt8,
        4 => ElementType.Int64,
        9 => ElementType.Int8,
        _ => null,
    };

    /// <summary>The name of an element type, for messages.</summary>
    public static string NameOfType(byte code) => code switch
    {
        1 => "float16",
        5 => "string",
        6 => "bool",
        7 => "int16",
        8 => "complex64",
        10 => "float64",
        17 => "int4",
        _ => TypeOf(code)?.Name() ?? $"{code} of the schema",
    };

    /// <summary>Table Model.</summary>
    public static class Model
    {
        public const int Version = 0;
        public const int OperatorCodes = 1;
        public const int Subgraphs = 2;
        public const int Buffers = 4;
        public const int Metadata = 6;
    }

    /// <summary>Table OperatorCode.</summary>
    public static class OperatorCode
    {
        public const int DeprecatedBuiltinCode = 0;
        public const int CustomCode = 1;
        public const int Version = 2;
        public const int BuiltinCode = 3;
    }

    /// <summary>Table SubGraph.</summary>
    public static class Subgraph
    {
        public const int Tensors = 0;
        public const int Inputs = 1;
        public const int Outputs = 2;
        public const int Operators = 3;
        public const int Name = 4;
    }

    /// <summary>Table Tensor.</summary>
    public static class Tensor
    {
        public const int Shape = 0;
        public const int Type = 1;
        public const int Buffer = 2;
        public const int Name = 3;
        public const int Quantization = 4;
        public const int IsVariable = 5;
        public const int Sparsity = 6;
    }

    /// <summary>Table QuantizationParameters.</summary>
    public static class Quantization
    {
        public const int Scale = 2;
        public const int ZeroPoint = 3;
        public const int DetailsType = 4;
        public const int Dimension = 6;
    }

    /// <summary>Table Operator.</summary>
    public static class Operator
    {
        public const int CodeIndex = 0;
        public const int Inputs = 1;
        public const int Outputs = 2;
        public const int OptionsType = 3;
        public const int Options = 4;
    }

    /// <summary>Table Buffer.</summary>
    public static class Buffer
    {
        public const int Data = 0;
        public const int Offset = 1;
    }

    /// <summary>Table Metadata.</summary>
    public static class Metadata
    {
        public const int Name = 0;
        public const int Buffer = 1;
    }

    /// <summary>Numbers of the option tables in the union BuiltinOptions.</summary>
    public static class Options
    {
        public const byte None = 0;
        public const byte Conv2D = 1;
        public const byte DepthwiseConv2D = 2;
        public const byte Pool2D = 5;
        public const byte FullyConnected = 8;
        public const byte Softmax = 9;
        public const byte Concatenation = 10;
        public const byte Add = 11;
        public const byte Reshape = 17;
        public const byte Mul = 21;
        public const byte Pad = 22;
        public const byte Reducer = 27;
        public const byte Dequantize = 38;
        public const byte Sub = 28;
        public const byte MaximumMinimum = 39;
        public const byte LeakyRelu = 75;
        public const byte Quantize = 89;
    }

    /// <summary>Tables Conv2DOptions and, with the depth multiplier between, DepthwiseConv2DOptions.</summary>
    public static class Conv2DOptions
    {
        public const int Padding = 0;
        public const int StrideWidth = 1;
        public const int StrideHeight = 2;
        public const int Activation = 3;
        public const int DilationWidth = 4;
        public const int DilationHeight = 5;
    }

    /// <summary>Table DepthwiseConv2DOptions.</summary>
    public static class DepthwiseConv2DOptions
    {
        public const int DepthMultiplier = 3;
        public const int Activation = 4;
        public const int DilationWidth = 5;
        public const int DilationHeight = 6;
    }

    /// <summary>Table Pool2DOptions.</summary>
    public static class Pool2DOptions
    {
        public const int Padding = 0;
        public const int StrideWidth = 1;
        public const int StrideHeight = 2;
        public const int FilterWidth = 3;
        public const int FilterHeight = 4;
        public const int Activation = 5;
    }
}
