using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Kernels.Float;
using Kindling.Tensors;
using Kindling.Training.Kernels;
using Kindling.Training.Planning;

namespace Kindling.Training.Gradients;

/// <summary>
/// The largest value under a window: the first pixel that holds it receives the gradient. When the input was clipped by its producer and this is its last
/// reader, the producer's clipping is applied here, on the smaller side: a clipped pixel is the maximum only where the output is clipped. A first
/// convolution that only a pool reads is computed by the pool, image by image.
/// </summary>
internal sealed class MaxPool2DGradient : GradientRule
{
    private const int MostParts = 16;

    /// <inheritdoc/>
    public override bool ReadsInput(Node node, int input) => false;

    /// <inheritdoc/>
    public override bool ReadsOutput(Node node) => true;

    /// <inheritdoc/>
    public override void Forward(Node node, PlanBuilder plan)
    {
        var op = (MaxPool2D)node.Operator;
        var y = plan.Output(node);
        // Four places fit into a float.
        var places = plan.Allocate($"{node.Name} places", new Shape((y.Shape.ElementCount + 3) / 4));
        plan.Save(node, places);
        if (plan.PooledConvolution(node) is not { } convolution)
        {
            var x = plan.Activation(node.Inputs[0]);
            plan.Add(node.Name, () => new MaxPoolKernel(op, x.Resolve(), y.Resolve(), places.Resolve(), null, default), false, x, y, places);
            return;
        }

        var input = plan.Activation(convolution.Inputs[0]);
        var shape = plan.Batched(convolution.Output.Shape);
        plan.Add(
            node.Name,
            () =>
            {
                var convolved = Unstored(shape);
                return new MaxPoolKernel(
                    op, convolved, y.Resolve(), places.Resolve(), FirstImage(convolution, plan, input.Resolve(), convolved), input.Resolve());
            },
            true, input, y, places);
    }

    /// <inheritdoc/>
    public override void Backward(Node node, PlanBuilder plan)
    {
        var op = (MaxPool2D)node.Operator;
        plan.MaskOutputGradient(node, op.Activation);
        var (y, dy, places) = (plan.Activation(node.Output), plan.OutputGradient(node), plan.Saved(node));
        if (plan.PooledConvolution(node) is { } convolution)
        {
            SumWeights(convolution, node, plan);
            return;
        }

        var input = node.Inputs[0];
        var clipping = op.Activation == Activation.None ? plan.ClippingBeforeLastReader(input) : null;
        if (clipping is not null && plan.IsFirstContribution(input))
            plan.MarkMasked(input);
        else
            clipping = null;
        plan.Contribute(node, input, dx => plan.Add(
            $"{node.Name} gradient",
            () => new MaxPoolGradientKernel(op, clipping, y.Resolve(), places.Resolve(), dy.Resolve(), dx.Resolve()),
            false, y, places, dy, dx));
    }

    private static void SumWeights(Node convolution, Node pool, PlanBuilder plan)
    {
        var (weights, bias) = (convolution.Inputs[1], convolution.Inputs.Count > 2 ? convolution.Inputs[2] : null);
        var (dw, db) = (plan.ParameterGradient(weights), bias is null ? null : plan.ParameterGradient(bias));
        if (dw is null && db is null)
            return;
        var (x, y, dy, places) = (plan.Activation(convolution.Inputs[0]), plan.Activation(pool.Output), plan.OutputGradient(pool), plan.Saved(pool));
        var (window, activation) = ConvolutionPlanning.Describe(convolution);
        var shape = plan.Batched(convolution.Output.Shape);
        var groups = new ImageGroups(1, x.Shape.Batch);
        var sums = new WeightSums(convolution, window, groups, x, shape, db is not null, Math.Min(MostParts, x.Shape.Batch));
        var partials = plan.Allocate($"{convolution.Name} partial gradients", sums.PartialShape);
        plan.Add(
            $"{convolution.Name} weight gradient",
            () => new PooledConvolutionGradientKernel(
                (MaxPool2D)pool.Operator, activation.Range(), x.Resolve(), Unstored(shape), y.Resolve(), places.Resolve(), dy.Resolve(), partials.Resolve(),
                sums.Padded(groups.Of(x.Resolve()), null), sums.Create(groups.Of(x.Resolve()), groups.Of(Unstored(shape)))),
            false, x, y, places, dy, partials);
        plan.Add(
            $"{convolution.Name} weight gradient sum", () => sums.JoinKernel(partials.Resolve(), dw?.Resolve(), db?.Resolve()), false, partials);
    }

    private static TensorView Unstored(Shape shape) => new(0, ElementType.Float32, shape, shape.Channels, null);

    private static IImageKernel FirstImage(Node convolution, PlanBuilder plan, TensorView x, TensorView y)
    {
        var one = new ImageGroups(1, x.Shape.Batch);
        return ConvolutionPlanning.ForwardKernel(convolution, plan, one.Of(x), one.Of(y));
    }
}
