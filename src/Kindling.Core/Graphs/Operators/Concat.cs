using Kindling.Tensors;

namespace Kindling.Graphs.Operators;

/// <summary>Joins values along a dimension. Without copying when the planner lets the producers write into the result.</summary>
/// <param name="Axis">The dimension, counted from the front; usually the channels.</param>
/// <param name="Activation">Applied to the result.</param>
public sealed record Concat(int Axis, Activation Activation = Activation.None) : Operator
{
    /// <inheritdoc/>
    public override string Kind => "CONCATENATION";

    /// <inheritdoc/>
    public override Shape Infer(string node, IReadOnlyList<Value> inputs)
    {
        RequireInputs(node, inputs, 1, int.MaxValue);
        var first = inputs[0].Shape;
        if (Axis < 0 || Axis >= first.Rank)
            Fail(node, $"axis {Axis} is not a dimension of {first}");
        var result = first.ToArray();
        foreach (var input in inputs.Skip(1))
        {
            var fits = input.Shape.Rank == first.Rank
                && !Enumerable.Range(0, first.Rank).Any(d => d != Axis && input.Shape[d] != first[d]);
            if (!fits)
                Fail(node, $"{first} and {input.Shape} differ outside axis {Axis}");
            result[Axis] += input.Shape[Axis];
        }

        return new Shape(result);
    }
}
