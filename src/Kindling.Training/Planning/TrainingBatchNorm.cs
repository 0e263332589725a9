using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Training.Planning;

/// <summary>Batch normalization and the clipping behind it as training computes them: in one pass.</summary>
/// <param name="Norm">The normalization.</param>
/// <param name="Min">Smallest output.</param>
/// <param name="Max">Largest output.</param>
internal sealed record TrainingBatchNorm(BatchNorm Norm, float Min, float Max) : Operator
{
    /// <inheritdoc/>
    public override string Kind => Norm.Kind;

    /// <inheritdoc/>
    public override Shape Infer(string node, IReadOnlyList<Value> inputs) => Norm.Infer(node, inputs);

    /// <inheritdoc/>
    public override IEnumerable<Value> ParameterInputs(IReadOnlyList<Value> inputs) => Norm.ParameterInputs(inputs);
}
