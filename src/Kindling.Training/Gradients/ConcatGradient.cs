using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Training.Kernels;
using Kindling.Training.Planning;

namespace Kindling.Training.Gradients;

/// <summary>Joined values: each input receives its part of the gradient, without a copy when the inputs were written in place.</summary>
internal sealed class ConcatGradient : GradientRule
{
    /// <inheritdoc/>
    public override bool ReadsInput(Node node, int input) => false;

    /// <inheritdoc/>
    public override bool ReadsOutput(Node node) => ((Concat)node.Operator).Activation != Activation.None;

    /// <inheritdoc/>
    public override void Forward(Node node, PlanBuilder plan)
    {
        if (!plan.IsJoinedInPlace(node))
            plan.AddForward(node);
    }

    /// <inheritdoc/>
    public override void Backward(Node node, PlanBuilder plan)
    {
        var concat = (Concat)node.Operator;
        plan.MaskOutputGradient(node, concat.Activation);
        if (plan.IsJoinedInPlace(node))
        {
            plan.AliasSliceGradients(node);
            return;
        }

        var dy = plan.OutputGradient(node);
        var first = 0;
        foreach (var input in node.Inputs)
        {
            var offset = first;
            plan.Contribute(node, input, dx => plan.Add(
                $"{node.Name} gradient", () => new SplitKernel(concat.Axis, offset, dy.Resolve(), dx.Resolve()), false, dy, dx));
            first += plan.Batched(input.Shape)[concat.Axis];
        }
    }
}
