using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Training.Kernels;
using Kindling.Training.Planning;

namespace Kindling.Training.Gradients;

/// <summary>y = a + b: both inputs receive the gradient, an input of one value a channel receives its sum over the pixels.</summary>
internal sealed class AddGradient : GradientRule
{
    /// <inheritdoc/>
    public override bool ReadsInput(Node node, int input) => false;

    /// <inheritdoc/>
    public override bool ReadsOutput(Node node) => ((Add)node.Operator).Activation != Activation.None;

    /// <inheritdoc/>
    public override void Backward(Node node, PlanBuilder plan)
    {
        plan.MaskOutputGradient(node, ((Add)node.Operator).Activation);
        var dy = plan.OutputGradient(node);
        var (first, second) = (node.Inputs[0], node.Inputs[1]);
        plan.Contribute(node, second, db =>
        {
            if (second.Shape.Equals(first.Shape))
                plan.Add($"{node.Name} gradient", () => new CopyKernel(dy.Resolve(), db.Resolve()), false, dy, db);
            else
                plan.Add($"{node.Name} gradient", () => new ChannelSumKernel(dy.Resolve(), null, db.Resolve()), false, dy, db);
        });
        var isTwice = ReferenceEquals(first, second);
        if (isTwice || !plan.TryAliasGradient(node, first))
            plan.Contribute(node, first, da => plan.Add($"{node.Name} gradient", () => new CopyKernel(dy.Resolve(), da.Resolve()), false, dy, da));
    }
}
