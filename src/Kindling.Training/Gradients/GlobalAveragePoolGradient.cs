using Kindling.Graphs;
using Kindling.Training.Kernels;
using Kindling.Training.Planning;

namespace Kindling.Training.Gradients;

/// <summary>The mean of each channel: every pixel receives its share of the gradient.</summary>
internal sealed class GlobalAveragePoolGradient : GradientRule
{
    /// <inheritdoc/>
    public override bool ReadsInput(Node node, int input) => false;

    /// <inheritdoc/>
    public override void Backward(Node node, PlanBuilder plan)
    {
        var dy = plan.OutputGradient(node);
        plan.ContributeAdding(node.Inputs[0], (dx, adds) => plan.Add(
            $"{node.Name} gradient", () => new GlobalAveragePoolGradientKernel(dy.Resolve(), dx.Resolve(), adds), false, dy, dx));
    }
}
