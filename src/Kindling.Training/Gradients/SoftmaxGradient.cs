using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Training.Kernels;
using Kindling.Training.Planning;

namespace Kindling.Training.Gradients;

/// <summary>A softmax inside a network (the closing one belongs to the loss): dx = beta y (dy - sum(dy y)).</summary>
internal sealed class SoftmaxGradient : GradientRule
{
    /// <inheritdoc/>
    public override bool ReadsInput(Node node, int input) => false;

    /// <inheritdoc/>
    public override bool ReadsOutput(Node node) => true;

    /// <inheritdoc/>
    public override void Backward(Node node, PlanBuilder plan)
    {
        var beta = ((Softmax)node.Operator).Beta;
        var y = plan.Activation(node.Output);
        var dy = plan.OutputGradient(node);
        plan.Contribute(node, node.Inputs[0], dx => plan.Add(
            $"{node.Name} gradient", () => new SoftmaxGradientKernel(beta, y.Resolve(), dy.Resolve(), dx.Resolve()), false, y, dy, dx));
    }
}
