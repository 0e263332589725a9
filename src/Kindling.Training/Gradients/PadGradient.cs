using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Training.Kernels;
using Kindling.Training.Planning;

namespace Kindling.Training.Gradients;

/// <summary>Zeros around an image: the gradient loses its border.</summary>
internal sealed class PadGradient : GradientRule
{
    /// <inheritdoc/>
    public override bool ReadsInput(Node node, int input) => false;

    /// <inheritdoc/>
    public override void Backward(Node node, PlanBuilder plan)
    {
        var padding = ((Pad)node.Operator).Padding;
        var dy = plan.OutputGradient(node);
        plan.Contribute(node, node.Inputs[0], dx => plan.Add(
            $"{node.Name} gradient", () => new CropKernel(padding, dy.Resolve(), dx.Resolve()), false, dy, dx));
    }
}
