using Kindling.Tensors;

namespace Kindling.Graphs;

/// <summary>A tensor of a graph: an input, the output of a node, or a constant.</summary>
public sealed class Value
{
    /// <summary>Creates an input or the output of a node.</summary>
    /// <param name="name">Unique within its graph.</param>
    /// <param name="type">The type of the elements.</param>
    /// <param name="shape">The extents; activations have batch 1, the executor multiplies it.</param>
    /// <param name="quantization">Scale and zero point of an 8-bit value.</param>
    public Value(string name, ElementType type, Shape shape, Quantization? quantization = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(shape);
        Name = name;
        Type = type;
        Shape = shape;
        Quantization = quantization;
    }

    /// <summary>Creates a constant.</summary>
    public Value(string name, Tensor constant, Quantization? quantization = null)
        : this(name, (constant ?? throw new ArgumentNullException(nameof(constant))).Type, constant.Shape, quantization) => Constant = constant;

    /// <summary>The name, unique within its graph.</summary>
    public string Name { get; }

    /// <summary>The type of the elements.</summary>
    public ElementType Type { get; }

    /// <summary>The extents, with batch 1 for activations.</summary>
    public Shape Shape { get; }

    /// <summary>Scale and zero point; null for values that are not quantized.</summary>
    public Quantization? Quantization { get; }

    /// <summary>The data of a constant, otherwise null.</summary>
    public Tensor? Constant { get; }

    /// <summary>True for constants: weights, biases, statistics, paddings.</summary>
    public bool IsConstant => Constant is not null;

    /// <summary>Bytes of one sample (batch 1).</summary>
    public long Bytes => (long)Shape.ElementCount * Type.Size();

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Type.Name()}{Shape}";
}
