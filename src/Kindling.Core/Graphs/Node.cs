using Kindling.Graphs.Operators;

namespace Kindling.Graphs;

/// <summary>One application of an operator: inputs in, one output out.</summary>
public sealed class Node
{
    /// <summary>Creates a node.</summary>
    /// <param name="name">The layer's name, as tables and errors print it.</param>
    /// <param name="op">The operator and its attributes.</param>
    /// <param name="inputs">Activations first, then weights and bias, in the operator's documented order.</param>
    /// <param name="output">The value produced.</param>
    public Node(string name, Operator op, IReadOnlyList<Value> inputs, Value output)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(op);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(output);
        Name = name;
        Operator = op;
        Inputs = inputs;
        Output = output;
    }

    /// <summary>The layer's name.</summary>
    public string Name { get; }

    /// <summary>The operator and its attributes.</summary>
    public Operator Operator { get; }

    /// <summary>Activations first, then weights and bias.</summary>
    public IReadOnlyList<Value> Inputs { get; }

    /// <summary>The value produced.</summary>
    public Value Output { get; }

    /// <summary>Multiply-accumulates of one sample, padding taps included.</summary>
    public long Macs => Operator.Macs(Inputs, Output.Shape);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Operator.Kind}): {string.Join(", ", Inputs.Select(i => i.Name))} -> {Output}";
}
