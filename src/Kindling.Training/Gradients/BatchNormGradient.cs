using Kindling.Graphs;
using Kindling.Training.Kernels;
using Kindling.Training.Planning;

namespace Kindling.Training.Gradients;

/// <summary>
/// Batch normalization with the batch's statistics (Ioffe and Szegedy 2015, section 3): forward in two passes (statistics, normalization with the
/// clipping behind it), backward in two (sums, gradient). Frozen parameters keep their moving statistics and only scale the gradient.
/// </summary>
internal sealed class BatchNormGradient : GradientRule
{
    /// <inheritdoc/>
    public override void Forward(Node node, PlanBuilder plan)
    {
        var op = (TrainingBatchNorm)node.Operator;
        var x = plan.Activation(node.Inputs[0]);
        var y = plan.Output(node);
        var layout = new ChannelPattern(x.Shape);
        var table = plan.Allocate($"{node.Name} statistics", new Tensors.Shape(BatchNormTable.Rows, layout.Length));
        plan.Save(node, table);
        var (gamma, beta) = (plan.Read(node.Inputs[1]), plan.Read(node.Inputs[2]));
        var (mean, variance) = (plan.Read(node.Inputs[3]), plan.Read(node.Inputs[4]));
        if (IsFrozen(node, plan))
        {
            plan.Add(
                $"{node.Name} statistics",
                () => new BatchNormFrozenKernel(op.Norm, layout, gamma.Resolve(), beta.Resolve(), mean.Resolve(), variance.Resolve(), table.Resolve()),
                false, table);
        }
        else
        {
            var partials = plan.Allocate($"{node.Name} partial sums", new Tensors.Shape(layout.Chunks, 2, layout.Channels));
            plan.Add($"{node.Name} sums", () => new BatchNormMomentsKernel(layout, x.Resolve(), partials.Resolve()), false, x, partials);
            plan.Add(
                $"{node.Name} statistics",
                () => new BatchNormStatisticsKernel(
                    op.Norm, layout, partials.Resolve(), gamma.Resolve(), beta.Resolve(), mean.Resolve(), variance.Resolve(), table.Resolve()),
                false, partials, table);
        }

        plan.Add(node.Name, () => new BatchNormApplyKernel(layout, op.Min, op.Max, x.Resolve(), table.Resolve(), y.Resolve()), false, x, table, y);
    }

    /// <inheritdoc/>
    public override void Backward(Node node, PlanBuilder plan)
    {
        var op = (TrainingBatchNorm)node.Operator;
        var x = plan.Activation(node.Inputs[0]);
        var dy = plan.OutputGradient(node);
        var table = plan.Saved(node);
        var layout = new ChannelPattern(x.Shape);
        var gamma = plan.Read(node.Inputs[1]);
        var (dGamma, dBeta) = (plan.ParameterGradient(node.Inputs[1]), plan.ParameterGradient(node.Inputs[2]));
        if (!IsFrozen(node, plan))
        {
            var partials = plan.Allocate($"{node.Name} gradient sums", new Tensors.Shape(layout.Chunks, 2, layout.Channels));
            plan.Add(
                $"{node.Name} gradient sums",
                () => new BatchNormGradientSumsKernel(layout, op.Min, op.Max, x.Resolve(), dy.Resolve(), table.Resolve(), partials.Resolve()),
                false, x, dy, table, partials);
            plan.Add(
                $"{node.Name} parameter gradients",
                () => new BatchNormParameterGradientKernel(
                    layout, partials.Resolve(), gamma.Resolve(), table.Resolve(), dGamma?.Resolve(), dBeta?.Resolve()),
                false, partials, table);
        }

        if (!plan.NeedsGradient(node.Inputs[0]))
            return;
        if (plan.TryAliasGradient(node, node.Inputs[0]))
            Emit(dy);
        else
            plan.Contribute(node, node.Inputs[0], Emit);

        void Emit(PlannedView dx) => plan.Add(
            $"{node.Name} gradient",
            () => new BatchNormInputGradientKernel(layout, op.Min, op.Max, x.Resolve(), dy.Resolve(), table.Resolve(), dx.Resolve()),
            false, x, dy, table, dx);
    }

    private static bool IsFrozen(Node node, PlanBuilder plan) =>
        plan.ParameterGradient(node.Inputs[1]) is null && plan.ParameterGradient(node.Inputs[2]) is null;
}
