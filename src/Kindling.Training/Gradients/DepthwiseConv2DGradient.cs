using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Training.Planning;

namespace Kindling.Training.Gradients;

/// <summary>Depthwise convolution: as a convolution, each channel for itself.</summary>
internal sealed class DepthwiseConv2DGradient : GradientRule
{
    /// <inheritdoc/>
    public override bool ReadsOutput(Node node) => ((DepthwiseConv2D)node.Operator).Activation != Activation.None;

    /// <inheritdoc/>
    public override void Forward(Node node, PlanBuilder plan) => ConvolutionPlanning.Forward(node, plan);

    /// <inheritdoc/>
    public override void Backward(Node node, PlanBuilder plan) => ConvolutionPlanning.Backward(node, plan);
}
