using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Training.Kernels;
using Kindling.Training.Planning;

namespace Kindling.Training.Gradients;

/// <summary>min(max(x, min), max): the gradient passes where the output lies strictly inside the range.</summary>
internal sealed class ClipGradient : GradientRule
{
    /// <inheritdoc/>
    public override bool ReadsInput(Node node, int input) => false;

    /// <inheritdoc/>
    public override bool ReadsOutput(Node node) => true;

    /// <inheritdoc/>
    public override void Backward(Node node, PlanBuilder plan)
    {
        var clip = (Clip)node.Operator;
        var y = plan.Activation(node.Output);
        var dy = plan.OutputGradient(node);
        plan.Add($"{node.Name} gradient", () => new ActivationGradientKernel(y.Resolve(), dy.Resolve(), clip.Min, clip.Max), false, y, dy);
        if (!plan.TryAliasGradient(node, node.Inputs[0]))
            plan.Contribute(node, node.Inputs[0], dx => plan.Add($"{node.Name} copy", () => new CopyKernel(dy.Resolve(), dx.Resolve()), false, dy, dx));
    }
}
