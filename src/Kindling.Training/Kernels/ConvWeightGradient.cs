using Kindling.Graphs;
using Kindling.Tensors;
using Kindling.Training.Planning;

namespace Kindling.Training.Kernels;

/// <summary>The gradients of a convolution's weights and bias: partial sums over a fixed number of groups of rows, then joined in order.</summary>
internal static class ConvWeightGradient
{
    /// <summary>Plans it; nothing when both are frozen.</summary>
    public static void Plan(Node node, PlanBuilder plan, ConvWindow window, PlannedView x, PlannedView dy, Value weights, Value? bias)
    {
        var dw = plan.ParameterGradient(weights);
        var db = bias is null ? null : plan.ParameterGradient(bias);
        if (dw is null && db is null)
            return;
        var layout = new WeightGradientLayout(window, x.Shape, x.PixelStride, dy.Shape, db is not null);
        var partials = plan.Allocate($"{node.Name} partial gradients", new Shape(layout.Parts, layout.Rows + 1, layout.Columns));
        plan.Add(
            $"{node.Name} weight gradient", () => new ConvWeightGradientKernel(layout, x.Resolve(), dy.Resolve(), partials.Resolve()),
            false, x, dy, partials);
        plan.Add(
            $"{node.Name} weight gradient sum",
            () => new ConvWeightSumKernel(layout, partials.Resolve(), dw?.Resolve(), db?.Resolve()), false, partials);
    }
}
