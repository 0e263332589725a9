using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Training.Kernels;
using Kindling.Training.Planning;

namespace Kindling.Training.Gradients;

/// <summary>y = a * b: each input receives the gradient times the other, an input of one value a channel receives the sum of that over the pixels.</summary>
internal sealed class MultiplyGradient : GradientRule
{
    /// <inheritdoc/>
    public override bool ReadsOutput(Node node) => ((Multiply)node.Operator).Activation != Activation.None;

    /// <inheritdoc/>
    public override void Backward(Node node, PlanBuilder plan)
    {
        plan.MaskOutputGradient(node, ((Multiply)node.Operator).Activation);
        var dy = plan.OutputGradient(node);
        var (first, second) = (node.Inputs[0], node.Inputs[1]);
        var (a, b) = (plan.Read(first), plan.Read(second));
        var isSameShape = second.Shape.Equals(first.Shape);
        plan.Contribute(node, second, db => plan.Add(
            $"{node.Name} gradient",
            () => isSameShape ? new ProductKernel(dy.Resolve(), a.Resolve(), db.Resolve()) : new ChannelSumKernel(dy.Resolve(), a.Resolve(), db.Resolve()),
            false, dy, a, db));
        plan.Contribute(node, first, da => plan.Add(
            $"{node.Name} gradient", () => new ProductKernel(dy.Resolve(), b.Resolve(), da.Resolve()), false, dy, b, da));
    }
}
