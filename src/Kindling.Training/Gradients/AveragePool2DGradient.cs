using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Training.Kernels;
using Kindling.Training.Planning;

namespace Kindling.Training.Gradients;

/// <summary>The mean under a window: each pixel of the window receives its share of the gradient.</summary>
internal sealed class AveragePool2DGradient : GradientRule
{
    /// <inheritdoc/>
    public override bool ReadsInput(Node node, int input) => false;

    /// <inheritdoc/>
    public override bool ReadsOutput(Node node) => ((AveragePool2D)node.Operator).Activation != Activation.None;

    /// <inheritdoc/>
    public override void Backward(Node node, PlanBuilder plan)
    {
        var op = (AveragePool2D)node.Operator;
        plan.MaskOutputGradient(node, op.Activation);
        var dy = plan.OutputGradient(node);
        plan.Contribute(node, node.Inputs[0], dx => plan.Add(
            $"{node.Name} gradient", () => new AveragePoolGradientKernel(op, dy.Resolve(), dx.Resolve()), false, dy, dx));
    }
}
