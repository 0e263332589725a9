using Kindling.Graphs;
using Kindling.Training.Kernels;

namespace Kindling.Training.Planning;

/// <summary>A batch normalization in the plan.</summary>
/// <param name="Node">Its node, a <see cref="TrainingBatchNorm"/>.</param>
/// <param name="X">Its input: a convolution's output.</param>
/// <param name="Table">Its numbers a channel.</param>
/// <param name="IsFrozen">True when it uses moving statistics: nothing is summed up for it.</param>
internal sealed record PlannedNormalization(Node Node, PlannedView X, PlannedView Table, bool IsFrozen)
{
    /// <summary>How its channels meet vectors.</summary>
    public ChannelPattern Pattern { get; } = new(X.Shape);

    /// <summary>As kernels use it, once the plan is placed.</summary>
    public Normalization Resolve()
    {
        var op = (TrainingBatchNorm)Node.Operator;
        return new Normalization(Pattern, Table.Resolve(), op.Min, op.Max);
    }
}
