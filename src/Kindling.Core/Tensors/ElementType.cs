namespace Kindling.Tensors;

/// <summary>The type of one element of a tensor.</summary>
public enum ElementType
{
    /// <summary>IEEE 754 binary32.</summary>
    Float32,

    /// <summary>Signed 8-bit integer: quantized activations and weights.</summary>
    Int8,

    /// <summary>Unsigned 8-bit integer: quantized input and output of a model.</summary>
    UInt8,

    /// <summary>Signed 32-bit integer: biases of quantized layers, paddings, axes, shapes.</summary>
    Int32,

    /// <summary>Signed 64-bit integer: shapes in ONNX files.</summary>
    Int64,
}

/// <summary>Sizes and .NET types of the element types.</summary>
public static class ElementTypes
{
    /// <summary>Bytes one element takes.</summary>
    public static int Size(this ElementType type) => type switch
    {
        ElementType.Float32 or ElementType.Int32 => 4,
        ElementType.Int64 => 8,
        _ => 1,
    };

    /// <summary>True for the 8-bit types that carry a scale and a zero point.</summary>
    public static bool IsQuantized(this ElementType type) => type is ElementType.Int8 or ElementType.UInt8;

    /// <summary>The name used in tables and error messages: <c>float32</c>, <c>int8</c>, …</summary>
    public static string Name(this ElementType type) => type switch
    {
        ElementType.Float32 => "float32",
        ElementType.Int8 => "int8",
        ElementType.UInt8 => "uint8",
        ElementType.Int32 => "int32",
        ElementType.Int64 => "int64",
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>The element type that stores <typeparamref name="T"/>.</summary>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is not an element type.</exception>
    public static ElementType Of<T>()
        where T : unmanaged =>
        typeof(T) == typeof(float) ? ElementType.Float32
        : typeof(T) == typeof(sbyte) ? ElementType.Int8
        : typeof(T) == typeof(byte) ? ElementType.UInt8
        : typeof(T) == typeof(int) ? ElementType.Int32
        : typeof(T) == typeof(long) ? ElementType.Int64
        : throw new NotSupportedException($"{typeof(T).Name} is not a tensor element type");
}
