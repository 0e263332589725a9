using Kindling.Graphs;
using Kindling.Kernels.Float.Convolution;
using Kindling.Training.Planning;

namespace Kindling.Training.Kernels;

/// <summary>The gradient at a convolution's input: with stride 1 a convolution of the output's gradient, by the forward kernels.</summary>
internal static class ConvInputGradient
{
    /// <summary>Plans it.</summary>
    public static void Plan(Node node, PlanBuilder plan, ConvWindow window, PlannedView dy, Value weights)
    {
        var w = plan.Read(weights);
        var name = $"{node.Name} input gradient";
        if (!window.IsTransposable)
        {
            plan.Contribute(node, node.Inputs[0], dx => plan.Add(
                name, () => new StridedInputGradientKernel(window, dy.Resolve(), w.Resolve(), dx.Resolve()), false, dy, w, dx));
            return;
        }

        var source = plan.Source(weights);
        plan.ContributeAdding(node.Inputs[0], (dx, adds) => plan.Add(
            name,
            () => new ConvFloat(
                dy.Resolve(), dx.Resolve(), ConvWeights.Transposed(source, weights.Shape), null,
                new ConvSettings(1, window.Transposed, window.Dilation, Accumulate: adds)),
            true, dy, dx));
    }
}
