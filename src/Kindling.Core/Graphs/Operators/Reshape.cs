using Kindling.Tensors;

namespace Kindling.Graphs.Operators;

/// <summary>The same elements under another shape; the batch stays in front.</summary>
/// <param name="Shape">The shape for batch 1.</param>
public sealed record Reshape(Shape Shape) : Operator
{
    /// <inheritdoc/>
    public override string Kind => "RESHAPE";

    /// <inheritdoc/>
    public override bool CanRunInPlace => true;

    /// <inheritdoc/>
    public override Shape Infer(string node, IReadOnlyList<Value> inputs)
    {
        RequireInputs(node, inputs, 1, 1);
        if (Shape.Rank == 0 || Shape[0] != inputs[0].Shape.Batch)
            Fail(node, $"{inputs[0].Shape} to {Shape} moves the batch");
        if (Shape.ElementCount != inputs[0].Shape.ElementCount)
            Fail(node, $"{inputs[0].Shape} cannot become {Shape}");
        return Shape;
    }
}
