using System.Runtime.InteropServices;
using Kindling.Tensors;

namespace Kindling.Formats.Safetensors;

/// <summary>One named tensor of a file.</summary>
public sealed class SafetensorsTensor
{
    /// <summary>Creates a tensor over bytes in row-major, little-endian order.</summary>
    /// <exception cref="ArgumentException">The bytes do not fill the shape, or the name is empty or reserved.</exception>
    public SafetensorsTensor(string name, SafetensorsType type, Shape shape, ReadOnlyMemory<byte> bytes)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(shape);
        if (name == SafetensorsFile.MetadataKey)
            throw new ArgumentException($"{name} is reserved", nameof(name));
        if (bytes.Length != (long)shape.ElementCount * type.Size())
            throw new ArgumentException($"{bytes.Length} bytes do not fill {shape} of {type}", nameof(bytes));
        Name = name;
        Type = type;
        Shape = shape;
        Bytes = bytes;
    }

    /// <summary>Creates a tensor that holds a copy of <paramref name="tensor"/>.</summary>
    public SafetensorsTensor(string name, Tensor tensor)
        : this(
            name,
            TypeOf((tensor ?? throw new ArgumentNullException(nameof(tensor))).Type),
            tensor.Shape,
            tensor.Bytes.ToArray())
    {
    }

    /// <summary>The name, unique within its file.</summary>
    public string Name { get; }

    /// <summary>The type of the elements.</summary>
    public SafetensorsType Type { get; }

    /// <summary>The extents.</summary>
    public Shape Shape { get; }

    /// <summary>The elements, row-major and little-endian.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The elements as a tensor; half precision becomes float32.</summary>
    public Tensor ToTensor()
    {
        if (Type == SafetensorsType.F16)
        {
            var tensor = new Tensor(ElementType.Float32, Shape);
            var halves = MemoryMarshal.Cast<byte, Half>(Bytes.Span);
            var floats = tensor.AsSpan<float>();
            for (var i = 0; i < halves.Length; i++)
                floats[i] = (float)halves[i];
            return tensor;
        }

        var type = Type switch
        {
            SafetensorsType.F32 => ElementType.Float32,
            SafetensorsType.I8 => ElementType.Int8,
            SafetensorsType.U8 => ElementType.UInt8,
            SafetensorsType.I32 => ElementType.Int32,
            _ => ElementType.Int64,
        };
        return Tensor.FromBytes(type, Shape, Bytes.Span);
    }

    /// <summary>The tensor in half precision, rounded to nearest even, when it is float32; otherwise itself.</summary>
    /// <exception cref="KindlingException">A number is beyond half precision's ±65504.</exception>
    public SafetensorsTensor ToHalf()
    {
        if (Type != SafetensorsType.F32)
            return this;
        var floats = MemoryMarshal.Cast<byte, float>(Bytes.Span);
        var bytes = new byte[floats.Length * sizeof(ushort)];
        var halves = MemoryMarshal.Cast<byte, Half>(bytes.AsSpan());
        for (var i = 0; i < floats.Length; i++)
        {
            halves[i] = (Half)floats[i];
            if (Half.IsInfinity(halves[i]) && float.IsFinite(floats[i]))
                throw new KindlingException($"{Name} holds {floats[i]}, which half precision cannot: its largest number is {Half.MaxValue}");
        }

        return new SafetensorsTensor(Name, SafetensorsType.F16, Shape, bytes);
    }

    private static SafetensorsType TypeOf(ElementType type) => type switch
    {
        ElementType.Float32 => SafetensorsType.F32,
        ElementType.Int8 => SafetensorsType.I8,
        ElementType.UInt8 => SafetensorsType.U8,
        ElementType.Int32 => SafetensorsType.I32,
        ElementType.Int64 => SafetensorsType.I64,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };
}
