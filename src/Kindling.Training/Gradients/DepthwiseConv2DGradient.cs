using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Kernels.Float;
using Kindling.Kernels.Float.Convolution;
using Kindling.Training.Kernels;
using Kindling.Training.Planning;

namespace Kindling.Training.Gradients;

/// <summary>Depthwise convolution: as a convolution, each channel for itself.</summary>
internal sealed class DepthwiseConv2DGradient : GradientRule
{
    /// <inheritdoc/>
    public override bool ReadsOutput(Node node) => ((DepthwiseConv2D)node.Operator).Activation != Activation.None;

    /// <inheritdoc/>
    public override void Forward(Node node, PlanBuilder plan)
    {
        var op = (DepthwiseConv2D)node.Operator;
        var kernel = new Size2D(node.Inputs[1].Shape[0], node.Inputs[1].Shape[1]);
        var weights = plan.Source(node.Inputs[1]);
        var bias = node.Inputs.Count > 2 ? plan.Source(node.Inputs[2]) : null;
        var (x, y) = (plan.Activation(node.Inputs[0]), plan.Output(node));
        var settings = new ConvSettings(op.Stride, op.Padding, op.Dilation, op.Activation);
        plan.Add(node.Name, () => new DepthwiseFloat(x.Resolve(), y.Resolve(), kernel, weights, bias, settings), true, x, y);
    }

    /// <inheritdoc/>
    public override void Backward(Node node, PlanBuilder plan)
    {
        var op = (DepthwiseConv2D)node.Operator;
        plan.MaskOutputGradient(node, op.Activation);
        var dy = plan.OutputGradient(node);
        var x = plan.Activation(node.Inputs[0]);
        var weights = node.Inputs[1];
        var window = new ConvWindow(weights.Shape[0], weights.Shape[1], op.Stride, op.Padding, op.Dilation);
        DepthwiseWeightGradient.Plan(node, plan, window, x, dy, weights, node.Inputs.Count > 2 ? node.Inputs[2] : null);
        if (!window.IsTransposable)
        {
            var w = plan.Read(weights);
            plan.Contribute(node, node.Inputs[0], dx => plan.Add(
                $"{node.Name} input gradient", () => new DepthwiseInputGradientKernel(window, dy.Resolve(), w.Resolve(), dx.Resolve()), false, dy, w, dx));
            return;
        }

        var source = plan.Source(weights);
        plan.ContributeAdding(node.Inputs[0], (dx, adds) => plan.Add(
            $"{node.Name} input gradient",
            () => new DepthwiseFloat(
                dy.Resolve(), dx.Resolve(), new Size2D(window.Rows, window.Columns), source, null,
                new ConvSettings(1, window.Transposed, window.Dilation, Accumulate: adds), isFlipped: true),
            true, dy, dx));
    }
}
