using System.Runtime.InteropServices;

namespace Kindling.Tensors;

/// <summary>A dense tensor in memory, row-major: constants of a graph, inputs and outputs of a run.</summary>
public sealed class Tensor
{
    private readonly byte[] _bytes;

    /// <summary>Creates a tensor of zeros.</summary>
    public Tensor(ElementType type, Shape shape)
        : this(type, shape, new byte[checked(shape.ElementCount * type.Size())])
    {
    }

    private Tensor(ElementType type, Shape shape, byte[] bytes)
    {
        Type = type;
        Shape = shape;
        _bytes = bytes;
    }

    /// <summary>The type of the elements.</summary>
    public ElementType Type { get; }

    /// <summary>The extents.</summary>
    public Shape Shape { get; }

    /// <summary>The elements as raw little-endian bytes.</summary>
    public Span<byte> Bytes => _bytes;

    /// <summary>Creates a tensor that holds a copy of <paramref name="values"/>.</summary>
    /// <exception cref="ArgumentException">The shape asks for another number of elements.</exception>
    public static Tensor From<T>(Shape shape, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (values.Length != shape.ElementCount)
            throw new ArgumentException($"{values.Length} values do not fill {shape}", nameof(values));
        return new Tensor(ElementTypes.Of<T>(), shape, MemoryMarshal.AsBytes(values).ToArray());
    }

    /// <summary>Creates a tensor over bytes in row-major, little-endian order; the bytes are copied.</summary>
    /// <exception cref="ArgumentException">The bytes do not fill the shape.</exception>
    public static Tensor FromBytes(ElementType type, Shape shape, ReadOnlySpan<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (bytes.Length != (long)shape.ElementCount * type.Size())
            throw new ArgumentException($"{bytes.Length} bytes do not fill {shape} of {type.Name()}", nameof(bytes));
        return new Tensor(type, shape, bytes.ToArray());
    }

    /// <summary>The elements; <typeparamref name="T"/> must be the .NET type of <see cref="Type"/>.</summary>
    /// <exception cref="InvalidOperationException">The tensor holds another type.</exception>
    public Span<T> AsSpan<T>()
        where T : unmanaged =>
        ElementTypes.Of<T>() == Type
            ? MemoryMarshal.Cast<byte, T>(_bytes.AsSpan())
            : throw new InvalidOperationException($"the tensor holds {Type.Name()}, not {typeof(T).Name}");

    /// <summary>The same elements under another shape (shared, not copied).</summary>
    /// <exception cref="ArgumentException">The shape asks for another number of elements.</exception>
    public Tensor Reshape(Shape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (shape.ElementCount != Shape.ElementCount)
            throw new ArgumentException($"{Shape} cannot be seen as {shape}", nameof(shape));
        return new Tensor(Type, shape, _bytes);
    }

    /// <summary>A copy that shares nothing with this tensor.</summary>
    public Tensor Clone() => new(Type, Shape, (byte[])_bytes.Clone());
}
