using Kindling.Graphs;
using Kindling.Training.Kernels;
using Kindling.Training.Planning;
using Kindling.Training.QuantizationAware;

namespace Kindling.Training.Gradients;

/// <summary>Rounding to 8-bit steps: the gradient passes unchanged where the input lay in the range, and is zero where it was clipped.</summary>
internal sealed class FakeQuantizeGradient : GradientRule
{
    /// <inheritdoc/>
    public override void Forward(Node node, PlanBuilder plan)
    {
        var op = (FakeQuantize)node.Operator;
        var (x, y) = (plan.Read(node.Inputs[0]), plan.Output(node));
        plan.Add(node.Name, () => new FakeQuantizeKernel(x.Resolve(), y.Resolve(), op), false, x, y);
    }

    /// <inheritdoc/>
    public override void Backward(Node node, PlanBuilder plan)
    {
        var op = (FakeQuantize)node.Operator;
        var half = op.Scale / 2;
        var x = plan.Activation(node.Inputs[0]);
        var dy = plan.OutputGradient(node);
        plan.Add($"{node.Name} gradient", () => new ActivationGradientKernel(x.Resolve(), dy.Resolve(), op.Low - half, op.High + half), false, x, dy);
        if (!plan.TryAliasGradient(node, node.Inputs[0]))
            plan.Contribute(node, node.Inputs[0], dx => plan.Add($"{node.Name} copy", () => new CopyKernel(dy.Resolve(), dx.Resolve()), false, dy, dx));
    }
}
