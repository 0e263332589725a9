using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Kernels.Float;
using Kindling.Kernels.Float.Convolution;
using Kindling.Tensors;
using Kindling.Training.Kernels;
using Kindling.Training.Planning;

namespace Kindling.Training.Gradients;

/// <summary>Plans convolutions and depthwise convolutions together with the batch normalizations before and behind them.</summary>
internal static class ConvolutionPlanning
{
    private const int LeastParts = 4;
    private const int MostParts = 16;
    private const int PixelsOfPart = 256;

    /// <summary>Plans the forward pass.</summary>
    public static void Forward(Node node, PlanBuilder plan)
    {
        var input = plan.Normalized(node.Inputs[0]);
        var x = input?.X ?? plan.Activation(node.Inputs[0]);
        var y = plan.Output(node);
        var groups = GroupsOf(x, y);
        var takesMoments = plan.NormalizationBehind(node) is { } behind && !plan.IsFrozen(behind);
        var moments = takesMoments ? plan.Allocate($"{node.Name} moments", new Shape(groups.Count, 2, y.Shape.Channels)) : (PlannedView?)null;
        if (moments is { } kept)
            plan.SaveMoments(node.Output, kept);
        plan.Add(
            node.Name,
            () => new NormalizedConvolutionKernel(
                ForwardKernel(node, plan, groups.Of(x.Resolve()), groups.Of(y.Resolve())), groups, x.Resolve(), y.Resolve(), input?.Resolve(), moments?.Resolve()),
            true, [x, y, .. Views(input?.Table, moments)]);
    }

    /// <summary>Plans the backward pass.</summary>
    public static void Backward(Node node, PlanBuilder plan)
    {
        var (window, activation) = Describe(node);
        plan.MaskOutputGradient(node, activation);
        var (source, weights, bias) = (node.Inputs[0], node.Inputs[1], node.Inputs.Count > 2 ? node.Inputs[2] : null);
        var input = plan.Normalized(source);
        var behind = plan.NormalizationBehind(node) is { } norm ? plan.Planned(norm) : null;
        var dy = plan.OutputGradient(behind?.Node ?? node);
        var (x, y) = (input?.X ?? plan.Activation(source), plan.Activation(node.Output));
        var (dw, db) = (plan.ParameterGradient(weights), bias is null ? null : plan.ParameterGradient(bias));
        var needsInput = plan.NeedsGradient(source);
        if (dw is null && db is null && !needsInput)
            return;

        var groups = GroupsOf(x, y);
        var parts = Math.Min(groups.Count, Math.Clamp(y.Shape.Pixels / PixelsOfPart, LeastParts, MostParts));
        var sums = new WeightSums(node, window, groups, x, y.Shape, db is not null, parts);
        var partials = dw is null && db is null ? (PlannedView?)null : plan.Allocate($"{node.Name} partial gradients", sums.PartialShape);
        var inputSums = needsInput && input is { IsFrozen: false } && plan.Uses(source) == 1
            ? plan.Allocate($"{node.Name} input gradient sums", new Shape(parts, 2, x.Shape.Channels))
            : (PlannedView?)null;
        if (inputSums is { } kept)
            plan.SaveGradientSums(input!.Node, kept);
        var clipping = needsInput && input is null ? plan.ClippingBeforeLastReader(source) : null;
        if (clipping is not null)
            plan.MarkMasked(source);
        if (needsInput)
            plan.ContributeAdding(source, (dx, adds) => Emit(dx, adds));
        else
            Emit(null, false);
        if (partials is { } all)
            plan.Add($"{node.Name} weight gradient sum", () => sums.JoinKernel(all.Resolve(), dw?.Resolve(), db?.Resolve()), false, all);

        void Emit(PlannedView? dx, bool adds) => plan.Add(
            $"{node.Name} gradients",
            () => new ConvolutionGradientKernel(groups, parts, new ConvolutionGradientWork
            {
                X = x.Resolve(),
                Input = input?.Resolve(),
                Y = y.Resolve(),
                Dy = dy.Resolve(),
                Behind = behind?.Resolve(),
                WeightSums = partials is null ? null : sums.Create(groups.Of(x.Resolve()), groups.Of(dy.Resolve())),
                WeightPartials = partials?.Resolve() ?? default,
                Padded = sums.Padded(groups.Of(x.Resolve()), input?.Resolve()),
                InputGradient = dx is { } target
                    ? InputGradientKernel(node, plan, window, groups.Of(dy.Resolve()), groups.Of(target.Resolve()), adds)
                    : null,
                Dx = dx?.Resolve() ?? default,
                Clipping = clipping,
                InputSums = inputSums?.Resolve(),
            }),
            true, [x, dy, .. behind is null ? [] : new[] { y, behind.Table }, .. Views(input?.Table, dx, partials, inputSums)]);
    }

    /// <summary>Window and activation of a convolution or depthwise convolution.</summary>
    public static (ConvWindow Window, Activation Activation) Describe(Node node)
    {
        var weights = node.Inputs[1].Shape;
        return node.Operator switch
        {
            Conv2D op => (new ConvWindow(weights[1], weights[2], op.Stride, op.Padding, op.Dilation), op.Activation),
            DepthwiseConv2D op => (new ConvWindow(weights[0], weights[1], op.Stride, op.Padding, op.Dilation), op.Activation),
            _ => throw new GraphException($"{node.Name} ({node.Operator.Kind}) is not a convolution"),
        };
    }

    /// <summary>The convolution of one group of images.</summary>
    public static IImageKernel ForwardKernel(Node node, PlanBuilder plan, TensorView x, TensorView y)
    {
        var weights = node.Inputs[1];
        var bias = node.Inputs.Count > 2 ? plan.Source(node.Inputs[2]) : null;
        var (window, activation) = Describe(node);
        var settings = new ConvSettings(window.Stride, window.Padding, window.Dilation, activation);
        return node.Operator is Conv2D
            ? new ConvFloat(x, y, ConvWeights.Forward(plan.Source(weights), weights.Shape), bias, settings)
            : new DepthwiseFloat(x, y, new Size2D(window.Rows, window.Columns), plan.Source(weights), bias, settings);
    }

    private static ImageGroups GroupsOf(PlannedView x, PlannedView y) =>
        ImageGroups.Of(x.Shape.Batch, Math.Max(x.Shape.ElementCount, y.Shape.ElementCount) / x.Shape.Batch);

    private static IEnumerable<PlannedView> Views(params PlannedView?[] views) => views.OfType<PlannedView>();

    private static IImageKernel InputGradientKernel(
        Node node, PlanBuilder plan, ConvWindow window, TensorView dy, TensorView dx, bool adds)
    {
        var weights = node.Inputs[1];
        if (!window.IsTransposable)
        {
            var w = plan.Read(weights).Resolve();
            return node.Operator is Conv2D
                ? new StridedInputGradientKernel(window, dy, w, dx, adds)
                : new DepthwiseInputGradient(window, dy, w, dx, adds);
        }

        var settings = new ConvSettings(1, window.Transposed, window.Dilation, Accumulate: adds);
        var source = plan.Source(weights);
        return node.Operator is Conv2D
            ? new ConvFloat(dy, dx, ConvWeights.Transposed(source, weights.Shape), null, settings)
            : new DepthwiseFloat(dy, dx, new Size2D(window.Rows, window.Columns), source, null, settings, isFlipped: true);
    }
}
