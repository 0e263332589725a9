using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;
using Kindling.Training.Kernels;
using Kindling.Training.Kernels.Winograd;
using Kindling.Training.Planning;

namespace Kindling.Training.Gradients;

/// <summary>Plans 3x3 convolutions that take fewer multiplications after Winograd's transforms.</summary>
internal static unsafe class WinogradPlanning
{
    /// <summary>True when a convolution gains by it.</summary>
    public static bool Fits(Node node, ConvWindow window) => WinogradTiling.Fits(window, node.Inputs[0].Shape, node.Output.Shape);

    /// <summary>Plans the forward pass.</summary>
    public static void Forward(Node node, PlanBuilder plan, ConvWindow window)
    {
        var bias = node.Inputs.Count > 2 ? plan.Read(node.Inputs[2]) : (PlannedView?)null;
        Convolve(node.Name, plan, node.Inputs[1], plan.Activation(node.Inputs[0]), plan.Output(node), bias, window.Padding, ((Conv2D)node.Operator).Activation);
    }

    /// <summary>Plans the backward pass. The gradient at the output has been cut to where the activation lets it through.</summary>
    public static void Backward(Node node, PlanBuilder plan, ConvWindow window)
    {
        var (x, dy) = (plan.Activation(node.Inputs[0]), plan.OutputGradient(node));
        var dw = plan.ParameterGradient(node.Inputs[1]);
        var db = node.Inputs.Count > 2 ? plan.ParameterGradient(node.Inputs[2]) : null;
        if (dw is not null || db is not null)
        {
            var parts = WinogradWeightGradient.Cut(dy.Shape).Parts;
            var partials = plan.Allocate(
                $"{node.Name} partial gradients", new Shape(parts, WinogradWeightGradient.FloatsOfPart(x.Shape.Channels, dy.Shape.Channels)));
            plan.Add(
                $"{node.Name} weight gradient", () => new WinogradWeightGradient(x.Resolve(), dy.Resolve(), partials.Resolve(), window.Padding),
                false, x, dy, partials);
            plan.Add(
                $"{node.Name} weight gradient sum",
                () => new WinogradWeightSum(x.Shape, dy.Shape, partials.Resolve(), dw?.Resolve(), db?.Resolve()), false, partials);
        }

        plan.ContributeAdding(node.Inputs[0], (dx, adds) =>
            Convolve($"{node.Name} input gradient", plan, node.Inputs[1], dy, dx, null, window.Transposed, Activation.None, true, adds));
    }

    private static void Convolve(
        string name, PlanBuilder plan, Value weights, PlannedView x, PlannedView y, PlannedView? bias, Padding padding, Activation activation,
        bool isTransposed = false, bool adds = false)
    {
        var stored = plan.Read(weights);
        var panels = plan.Allocate($"{name} weights", new Shape(WinogradTransforms.Places, x.Shape.Channels, y.Shape.Channels));
        WinogradWeights? transformed = null;
        plan.Add($"{name} weights", () => transformed = new WinogradWeights(stored.Resolve(), panels.Resolve(), isTransposed), false, stored, panels);
        plan.Add(
            name,
            () => new WinogradConvolution(
                x.Resolve(), y.Resolve(), transformed!, bias is { } b ? b.Resolve().Floats : null, padding, activation, adds),
            false, x, y, panels);
    }
}
