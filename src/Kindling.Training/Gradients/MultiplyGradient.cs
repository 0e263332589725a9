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
    public override void Forward(Node node, PlanBuilder plan)
    {
        if (!IsGate(node, plan))
        {
            plan.AddForward(node);
            return;
        }

        var (x, gate, y) = (plan.Activation(node.Inputs[0]), plan.Activation(node.Inputs[1]), plan.Output(node));
        plan.Add(node.Name, () => new GateKernel(x.Resolve(), gate.Resolve(), y.Resolve()), false, x, gate, y);
    }

    /// <inheritdoc/>
    public override void Backward(Node node, PlanBuilder plan)
    {
        plan.MaskOutputGradient(node, ((Multiply)node.Operator).Activation);
        var dy = plan.OutputGradient(node);
        var (first, second) = (node.Inputs[0], node.Inputs[1]);
        var (a, b) = (plan.Read(first), plan.Read(second));
        if (IsGate(node, plan) && IsGapless(plan.Gradient(first)) && IsGapless(dy) && plan.NeedsGradient(first) && plan.NeedsGradient(second))
        {
            plan.Contribute(node, second, db => plan.ContributeAdding(first, (da, adds) => plan.Add(
                $"{node.Name} gradient",
                () => new GateGradientKernel(a.Resolve(), b.Resolve(), dy.Resolve(), da.Resolve(), db.Resolve(), adds), false, a, b, dy, da, db)));
            return;
        }

        var isSameShape = second.Shape.Equals(first.Shape);
        plan.Contribute(node, second, db => plan.Add(
            $"{node.Name} gradient",
            () => isSameShape ? new ProductKernel(dy.Resolve(), a.Resolve(), db.Resolve()) : new ChannelSumKernel(dy.Resolve(), a.Resolve(), db.Resolve()),
            false, dy, a, db));
        plan.Contribute(node, first, da => plan.Add(
            $"{node.Name} gradient", () => new ProductKernel(dy.Resolve(), b.Resolve(), da.Resolve()), false, dy, b, da));
    }

    /// <summary>True for a computed factor a channel of each sample under an image without gaps.</summary>
    private static bool IsGate(Node node, PlanBuilder plan)
    {
        var (first, second) = (node.Inputs[0], node.Inputs[1]);
        return ((Multiply)node.Operator).Activation == Activation.None && !first.IsConstant && !second.IsConstant && first.Shape.Rank == 4
            && !second.Shape.Equals(first.Shape) && second.Shape.ElementCount == first.Shape.Channels && second.Shape.Channels == first.Shape.Channels
            && IsGapless(plan.Activation(first)) && IsGapless(plan.Activation(second));
    }

    private static bool IsGapless(PlannedView view) => view.PixelStride == view.Shape.Channels;
}
