namespace Kindling.Formats.Onnx;

/// <summary>TensorProto.DataType of the ONNX specification.</summary>
internal enum OnnxDataType
{
    Undefined = 0,
    Float = 1,
    UInt8 = 2,
    Int8 = 3,
    UInt16 = 4,
    Int16 = 5,
    Int32 = 6,
    Int64 = 7,
    String = 8,
    Bool = 9,
    Float16 = 10,
    Double = 11,
    UInt32 = 12,
    UInt64 = 13,
    BFloat16 = 16,
}

/// <summary>What element types have in common.</summary>
internal static class OnnxDataTypes
{
    /// <summary>True for numbers that are computed in float32, whatever the file's precision.</summary>
    public static bool IsReal(this OnnxDataType type) =>
        type is OnnxDataType.Float or OnnxDataType.Float16 or OnnxDataType.BFloat16 or OnnxDataType.Double;
}
