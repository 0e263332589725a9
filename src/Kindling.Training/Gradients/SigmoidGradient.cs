using Kindling.Graphs;
using Kindling.Training.Kernels;
using Kindling.Training.Planning;

namespace Kindling.Training.Gradients;

/// <summary>y = 1 / (1 + exp(-x)): the gradient times y (1 - y).</summary>
internal sealed class SigmoidGradient : GradientRule
{
    /// <inheritdoc/>
    public override bool ReadsInput(Node node, int input) => false;

    /// <inheritdoc/>
    public override bool ReadsOutput(Node node) => true;

    /// <inheritdoc/>
    public override void Backward(Node node, PlanBuilder plan)
    {
        var y = plan.Activation(node.Output);
        var dy = plan.OutputGradient(node);
        if (plan.TryAliasGradient(node, node.Inputs[0]))
            Emit(dy);
        else
            plan.Contribute(node, node.Inputs[0], Emit);

        void Emit(PlannedView dx) =>
            plan.Add($"{node.Name} gradient", () => new SigmoidGradientKernel(y.Resolve(), dy.Resolve(), dx.Resolve()), false, y, dy, dx);
    }
}
