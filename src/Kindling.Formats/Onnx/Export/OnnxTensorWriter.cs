using System.Runtime.InteropServices;
using Google.Protobuf;
using Kindling.Formats.Onnx.Schema;
using Kindling.Tensors;

namespace Kindling.Formats.Onnx.Export;

/// <summary>Tensors and attributes in the file's form.</summary>
internal static class OnnxTensorWriter
{
    /// <summary>A tensor as raw little-endian bytes.</summary>
    public static TensorProto Write(string name, Tensor tensor) => new()
    {
        Name = name,
        DataType = (int)TypeOf(tensor.Type),
        Dims = { tensor.Shape.Select(d => (long)d) },
        RawData = ByteString.CopyFrom(tensor.Bytes),
    };

    /// <summary>The format's number for an element type.</summary>
    public static OnnxDataType TypeOf(ElementType type) => type switch
    {
        ElementType.Float32 => OnnxDataType.Float,
        ElementType.Int8 => OnnxDataType.Int8,
        ElementType.UInt8 => OnnxDataType.UInt8,
        ElementType.Int32 => OnnxDataType.Int32,
        _ => OnnxDataType.Int64,
    };

    /// <summary>An integer attribute.</summary>
    public static AttributeProto Attribute(string name, long value) => new() { Name = name, I = value, Type = 2 };

    /// <summary>A real attribute.</summary>
    public static AttributeProto Attribute(string name, float value) => new() { Name = name, F = value, Type = 1 };

    /// <summary>A list of integers.</summary>
    public static AttributeProto Attribute(string name, params ReadOnlySpan<long> values) => new() { Name = name, Ints = { values.ToArray() }, Type = 7 };

    /// <summary>int8 as uint8, 128 higher.</summary>
    public static Tensor ToUnsigned(Tensor tensor)
    {
        var unsigned = new Tensor(ElementType.UInt8, tensor.Shape);
        var source = tensor.AsSpan<sbyte>();
        var target = unsigned.AsSpan<byte>();
        for (var i = 0; i < source.Length; i++)
            target[i] = unchecked((byte)(source[i] ^ 0x80));
        return unsigned;
    }

    /// <summary>One number without dimensions.</summary>
    public static Tensor Scalar<T>(T value)
        where T : unmanaged => Tensor.From<T>(Shape.Scalar, MemoryMarshal.CreateReadOnlySpan(ref value, 1));

    /// <summary>A list.</summary>
    public static Tensor List<T>(params ReadOnlySpan<T> values)
        where T : unmanaged => Tensor.From(new Shape(values.Length), values);
}
