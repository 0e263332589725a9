using Kindling.Graphs;
using Kindling.Training.Kernels;
using Kindling.Training.Planning;

namespace Kindling.Training.Gradients;

/// <summary>Another shape: the gradient is seen under the old one.</summary>
internal sealed class ReshapeGradient : GradientRule
{
    /// <inheritdoc/>
    public override bool ReadsInput(Node node, int input) => false;

    /// <inheritdoc/>
    public override void Forward(Node node, PlanBuilder plan) => plan.AliasOutput(node);

    /// <inheritdoc/>
    public override bool ReadsOutput(Node node) => true;

    /// <inheritdoc/>
    public override void Backward(Node node, PlanBuilder plan)
    {
        if (plan.TryAliasGradient(node, node.Inputs[0]))
            return;
        var dy = plan.OutputGradient(node);
        plan.Contribute(node, node.Inputs[0], dx => plan.Add(
            $"{node.Name} gradient", () => new CopyKernel(dy.As(dx.Shape).Resolve(), dx.Resolve()), false, dy, dx));
    }
}
