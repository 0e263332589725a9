using Kindling.Graphs;
using Kindling.Tensors;
using Kindling.Training.Planning;

namespace Kindling.Training.Kernels;

/// <summary>The gradients of a depthwise convolution's weights and bias: partial sums over a fixed number of groups of images, then joined.</summary>
internal static class DepthwiseWeightGradient
{
    private const int MostParts = 16;

    /// <summary>Plans it; nothing when both are frozen.</summary>
    public static void Plan(Node node, PlanBuilder plan, ConvWindow window, PlannedView x, PlannedView dy, Value weights, Value? bias)
    {
        var dw = plan.ParameterGradient(weights);
        var db = bias is null ? null : plan.ParameterGradient(bias);
        if (dw is null && db is null)
            return;
        var parts = Math.Min(MostParts, x.Shape.Batch);
        var taps = window.Rows * window.Columns;
        var partials = plan.Allocate($"{node.Name} partial gradients", new Shape(parts, taps + 1, x.Shape.Channels));
        plan.Add(
            $"{node.Name} weight gradient", () => new DepthwiseWeightGradientKernel(window, x.Resolve(), dy.Resolve(), partials.Resolve()),
            false, x, dy, partials);
        plan.Add(
            $"{node.Name} weight gradient sum", () => new DepthwiseWeightSumKernel(partials.Resolve(), dw?.Resolve(), db?.Resolve()), false, partials);
    }
}
