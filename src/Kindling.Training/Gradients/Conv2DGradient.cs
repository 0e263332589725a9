using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Kernels.Float.Convolution;
using Kindling.Training.Kernels;
using Kindling.Training.Planning;

namespace Kindling.Training.Gradients;

/// <summary>Convolution: the weights receive the correlation of input and gradient, the input the gradient convolved with the turned weights.</summary>
internal sealed class Conv2DGradient : GradientRule
{
    /// <inheritdoc/>
    public override bool ReadsOutput(Node node) => ((Conv2D)node.Operator).Activation != Activation.None;

    /// <inheritdoc/>
    public override void Forward(Node node, PlanBuilder plan)
    {
        if (plan.IsPooled(node))
            return;
        if (IsNormalized(node, plan))
        {
            ConvolutionPlanning.Forward(node, plan);
            return;
        }

        var (window, _) = ConvolutionPlanning.Describe(node);
        if (WinogradPlanning.Fits(node, window))
        {
            WinogradPlanning.Forward(node, plan, window);
            return;
        }

        var op = (Conv2D)node.Operator;
        var weights = ConvWeights.Forward(plan.Source(node.Inputs[1]), node.Inputs[1].Shape);
        var bias = node.Inputs.Count > 2 ? plan.Source(node.Inputs[2]) : null;
        var (x, y) = (plan.Activation(node.Inputs[0]), plan.Output(node));
        var settings = new ConvSettings(op.Stride, op.Padding, op.Dilation, op.Activation);
        plan.Add(node.Name, () => new ConvFloat(x.Resolve(), y.Resolve(), weights, bias, settings), true, x, y);
    }

    /// <inheritdoc/>
    public override void Backward(Node node, PlanBuilder plan)
    {
        if (IsNormalized(node, plan) || ConvolutionPlanning.Describe(node).Window.IsPointwise)
        {
            ConvolutionPlanning.Backward(node, plan);
            return;
        }

        var (window, activation) = ConvolutionPlanning.Describe(node);
        plan.MaskOutputGradient(node, activation);
        if (WinogradPlanning.Fits(node, window))
        {
            WinogradPlanning.Backward(node, plan, window);
            return;
        }

        var dy = plan.OutputGradient(node);
        var x = plan.Activation(node.Inputs[0]);
        var weights = node.Inputs[1];
        ConvWeightGradient.Plan(node, plan, window, x, dy, weights, node.Inputs.Count > 2 ? node.Inputs[2] : null);
        ConvInputGradient.Plan(node, plan, window, dy, weights);
    }

    private static bool IsNormalized(Node node, PlanBuilder plan) =>
        plan.Normalized(node.Inputs[0]) is not null || plan.NormalizationBehind(node) is not null;
}
