using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Kernels.Float.Convolution;
using Kindling.Training.Kernels;
using Kindling.Training.Planning;

namespace Kindling.Training.Gradients;

/// <summary>Fully connected layer: a 1x1 convolution over images of one pixel.</summary>
internal sealed class DenseGradient : GradientRule
{
    /// <inheritdoc/>
    public override bool ReadsOutput(Node node) => ((Dense)node.Operator).Activation != Activation.None;

    /// <inheritdoc/>
    public override void Forward(Node node, PlanBuilder plan)
    {
        var weights = ConvWeights.Dense(plan.Source(node.Inputs[1]), node.Inputs[1].Shape);
        var bias = node.Inputs.Count > 2 ? plan.Source(node.Inputs[2]) : null;
        var (x, y) = (plan.Activation(node.Inputs[0]), plan.Output(node));
        var settings = ConvSettings.Pointwise with { Activation = ((Dense)node.Operator).Activation };
        plan.Add(node.Name, () => new ConvFloat(x.Resolve(), y.Resolve(), weights, bias, settings), true, x, y);
    }

    /// <inheritdoc/>
    public override void Backward(Node node, PlanBuilder plan)
    {
        plan.MaskOutputGradient(node, ((Dense)node.Operator).Activation);
        var dy = plan.OutputGradient(node);
        var x = plan.Activation(node.Inputs[0]);
        var weights = node.Inputs[1];
        var window = new ConvWindow(1, 1, 1, Padding.None, 1);
        ConvWeightGradient.Plan(node, plan, window, x, dy, weights, node.Inputs.Count > 2 ? node.Inputs[2] : null);
        var w = plan.Read(weights);
        plan.Contribute(node, node.Inputs[0], dx => plan.Add(
            $"{node.Name} input gradient", () => new StridedInputGradientKernel(window, dy.Resolve(), w.Resolve(), dx.Resolve()), false, dy, w, dx));
    }
}
