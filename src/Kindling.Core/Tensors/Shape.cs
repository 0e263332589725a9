using System.Collections;

namespace Kindling.Tensors;

/// <summary>The extents of a tensor. Activations are <c>[N, H, W, C]</c> or <c>[N, C]</c>; a scalar has rank 0.</summary>
public sealed class Shape : IReadOnlyList<int>, IEquatable<Shape>
{
    private readonly int[] _dimensions;

    /// <summary>Creates a shape.</summary>
    /// <exception cref="ArgumentException">A dimension is negative, or the number of elements exceeds 2^31 - 1.</exception>
    public Shape(params ReadOnlySpan<int> dimensions)
    {
        long count = 1;
        foreach (var d in dimensions)
        {
            if (d < 0)
                throw new ArgumentException($"dimension {d} is negative", nameof(dimensions));
            count *= d;
            if (count > int.MaxValue)
                throw new ArgumentException($"[{string.Join(", ", dimensions.ToArray())}] has more than 2^31 - 1 elements", nameof(dimensions));
        }

        _dimensions = dimensions.ToArray();
        ElementCount = (int)count;
    }

    /// <summary>A shape without dimensions: one element.</summary>
    public static Shape Scalar { get; } = new([]);

    /// <summary>The number of dimensions.</summary>
    public int Rank => _dimensions.Length;

    /// <summary>The number of elements: the product of the dimensions.</summary>
    public int ElementCount { get; }

    /// <inheritdoc/>
    public int Count => _dimensions.Length;

    /// <summary>The extent of a dimension; an index from the end counts back from the last.</summary>
    public int this[int index] => _dimensions[index];

    /// <summary>The batch: the first dimension.</summary>
    public int Batch => _dimensions[0];

    /// <summary>The height of an <c>[N, H, W, C]</c> shape, 1 for <c>[N, C]</c>.</summary>
    public int Height => Rank == 4 ? _dimensions[1] : 1;

    /// <summary>The width of an <c>[N, H, W, C]</c> shape, 1 for <c>[N, C]</c>.</summary>
    public int Width => Rank == 4 ? _dimensions[2] : 1;

    /// <summary>The channels: the last dimension (1 for a scalar).</summary>
    public int Channels => Rank == 0 ? 1 : _dimensions[^1];

    /// <summary>Elements that share the last dimension's index: everything but the channels.</summary>
    public int Pixels => Channels == 0 ? 0 : ElementCount / Channels;

    /// <summary>The same shape with another first dimension.</summary>
    public Shape WithBatch(int batch)
    {
        var copy = (int[])_dimensions.Clone();
        copy[0] = batch;
        return new Shape(copy);
    }

    /// <summary>The dimensions as a span.</summary>
    public ReadOnlySpan<int> AsSpan() => _dimensions;

    /// <inheritdoc/>
    public bool Equals(Shape? other) => other is not null && _dimensions.AsSpan().SequenceEqual(other._dimensions);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Shape);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var d in _dimensions)
            hash.Add(d);
        return hash.ToHashCode();
    }

    /// <summary>The shape as <c>[1, 96, 96, 3]</c>.</summary>
    public override string ToString() => $"[{string.Join(", ", _dimensions)}]";

    /// <summary>The shape as users write an image size: <c>96x96x3</c>, without the batch.</summary>
    public string ToSizeString() => string.Join('x', _dimensions.Skip(1));

    /// <inheritdoc/>
    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)_dimensions).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
