using System.Diagnostics.CodeAnalysis;
using Kindling.Tensors;

namespace Kindling.Graphs.Operators;

/// <summary>What a node computes: an immutable record of attributes with its own shape inference.</summary>
public abstract record Operator
{
    /// <summary>The operator's name as TFLite spells it: <c>CONV_2D</c>, <c>MAX_POOL_2D</c>, …</summary>
    public abstract string Kind { get; }

    /// <summary>True when the output may be written over the first input: every output element depends on the same element only.</summary>
    public virtual bool CanRunInPlace => false;

    /// <summary>True when the kernels can write pixels with gaps between them, straight into a slice of a concatenation.</summary>
    public virtual bool CanWriteSlice => false;

    /// <summary>The output's shape for these inputs (batch as in the inputs).</summary>
    /// <exception cref="GraphException">The inputs do not fit; the message names the node.</exception>
    public abstract Shape Infer(string node, IReadOnlyList<Value> inputs);

    /// <summary>Multiply-accumulates of one run, padding taps included.</summary>
    public virtual long Macs(IReadOnlyList<Value> inputs, Shape output) => 0;

    /// <summary>The inputs that hold learned parameters or statistics.</summary>
    public virtual IEnumerable<Value> ParameterInputs(IReadOnlyList<Value> inputs) => [];

    /// <summary>Throws a <see cref="GraphException"/> that names the node and the operator.</summary>
    [DoesNotReturn]
    protected void Fail(string node, string problem) => throw new GraphException($"{node} ({Kind}): {problem}");

    /// <summary>Checks the number of inputs.</summary>
    protected void RequireInputs(string node, IReadOnlyList<Value> inputs, int least, int most)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        if (inputs.Count < least || inputs.Count > most)
            Fail(node, $"takes {(least == most ? $"{least}" : $"{least} to {most}")} inputs, not {inputs.Count}");
    }

    /// <summary>Checks that an input has <c>[N, H, W, C]</c> extents.</summary>
    protected Shape RequireImage(string node, Value input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Shape.Rank != 4)
            Fail(node, $"input {input.Name} is {input.Shape}, not [N, H, W, C]");
        return input.Shape;
    }
}
