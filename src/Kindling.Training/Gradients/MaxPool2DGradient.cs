using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Training.Kernels;
using Kindling.Training.Planning;

namespace Kindling.Training.Gradients;

/// <summary>
/// The largest value under a window: the first pixel that holds it receives the gradient. When the input was clipped by its producer and is
/// read by nobody else, the producer's clipping is applied here, on the smaller side: a clipped pixel is the maximum only where the output is clipped.
/// </summary>
internal sealed class MaxPool2DGradient : GradientRule
{
    /// <inheritdoc/>
    public override bool ReadsOutput(Node node) => true;

    /// <inheritdoc/>
    public override void Backward(Node node, PlanBuilder plan)
    {
        var op = (MaxPool2D)node.Operator;
        var input = node.Inputs[0];
        plan.MaskOutputGradient(node, op.Activation);
        var (min, max) = (float.NegativeInfinity, float.PositiveInfinity);
        if (op.Activation == Activation.None && plan.SoleClipping(input) is { } range)
        {
            (min, max) = range;
            plan.MarkMasked(input);
        }

        var (x, y, dy) = (plan.Activation(input), plan.Activation(node.Output), plan.OutputGradient(node));
        plan.Contribute(node, input, dx => plan.Add(
            $"{node.Name} gradient",
            () => new MaxPoolGradientKernel(op, min, max, x.Resolve(), y.Resolve(), dy.Resolve(), dx.Resolve()),
            false, x, y, dy, dx));
    }
}
