using Kindling.Graphs;
using Kindling.Tensors;
using Kindling.Training.Kernels;
using Kindling.Training.Planning;

namespace Kindling.Training.Gradients;

/// <summary>
/// Batch normalization with the batch's statistics (Ioffe and Szegedy 2015, section 3). The convolution before takes the moments and turns the gradient
/// back; convolutions behind normalize as they read and sum the gradient up; what no neighbour does is a pass of its own. Frozen parameters keep
/// their moving statistics and only scale the gradient.
/// </summary>
internal sealed class BatchNormGradient : GradientRule
{
    /// <inheritdoc/>
    public override void Forward(Node node, PlanBuilder plan)
    {
        var op = (TrainingBatchNorm)node.Operator;
        var x = plan.Activation(node.Inputs[0]);
        var layout = new ChannelPattern(x.Shape);
        var table = plan.Allocate($"{node.Name} statistics", new Shape(BatchNormTable.Rows, layout.Length));
        plan.Save(new PlannedNormalization(node, x, table, plan.IsFrozen(node)));
        var (gamma, beta) = (plan.Read(node.Inputs[1]), plan.Read(node.Inputs[2]));
        var (mean, variance) = (plan.Read(node.Inputs[3]), plan.Read(node.Inputs[4]));
        if (plan.IsFrozen(node))
        {
            plan.Add(
                $"{node.Name} statistics",
                () => new BatchNormFrozenKernel(op.Norm, layout, gamma.Resolve(), beta.Resolve(), mean.Resolve(), variance.Resolve(), table.Resolve()),
                false, table);
        }
        else
        {
            var moments = plan.Moments(node.Inputs[0]) ?? EmitMoments();
            var parts = moments.Shape[0];
            int[] pixels = [.. Enumerable.Range(0, parts).Select(p =>
                plan.Moments(node.Inputs[0]) is null ? (layout.First(p + 1) - layout.First(p)) / layout.Channels : layout.Pixels / parts)];
            plan.Add(
                $"{node.Name} statistics",
                () => new BatchNormStatisticsKernel(
                    op.Norm, layout.Channels, pixels, moments.Resolve(), gamma.Resolve(), beta.Resolve(), mean.Resolve(), variance.Resolve(), table.Resolve()),
                false, moments, table);
        }

        if (plan.IsVirtual(node.Output))
            return;
        var y = plan.Output(node);
        plan.Add(node.Name, () => new BatchNormApplyKernel(layout, op.Min, op.Max, x.Resolve(), table.Resolve(), y.Resolve()), false, x, table, y);

        PlannedView EmitMoments()
        {
            var partials = plan.Allocate($"{node.Name} partial sums", new Shape(layout.Chunks, 2, layout.Channels));
            plan.Add($"{node.Name} sums", () => new BatchNormMomentsKernel(layout, x.Resolve(), partials.Resolve()), false, x, partials);
            return partials;
        }
    }

    /// <inheritdoc/>
    public override void Backward(Node node, PlanBuilder plan)
    {
        var op = (TrainingBatchNorm)node.Operator;
        var x = plan.Activation(node.Inputs[0]);
        var dy = plan.OutputGradient(node);
        var planned = plan.Planned(node);
        var (table, layout) = (planned.Table, planned.Pattern);
        var gamma = plan.Read(node.Inputs[1]);
        var (dGamma, dBeta) = (plan.ParameterGradient(node.Inputs[1]), plan.ParameterGradient(node.Inputs[2]));
        if (!planned.IsFrozen)
        {
            var sums = plan.GradientSums(node) ?? EmitSums();
            plan.Add(
                $"{node.Name} parameter gradients",
                () => new BatchNormParameterGradientKernel(layout, sums.Resolve(), gamma.Resolve(), table.Resolve(), dGamma?.Resolve(), dBeta?.Resolve()),
                false, sums, table);
        }

        if (plan.HandsGradientOver(node) || !plan.NeedsGradient(node.Inputs[0]))
            return;
        if (plan.TryAliasGradient(node, node.Inputs[0]))
            Emit(dy);
        else
            plan.Contribute(node, node.Inputs[0], Emit);

        PlannedView EmitSums()
        {
            var partials = plan.Allocate($"{node.Name} gradient sums", new Shape(layout.Chunks, 2, layout.Channels));
            plan.Add(
                $"{node.Name} gradient sums",
                () => new BatchNormGradientSumsKernel(layout, op.Min, op.Max, x.Resolve(), dy.Resolve(), table.Resolve(), partials.Resolve()),
                false, x, dy, table, partials);
            return partials;
        }

        void Emit(PlannedView dx) => plan.Add(
            $"{node.Name} gradient",
            () => new BatchNormInputGradientKernel(layout, op.Min, op.Max, x.Resolve(), dy.Resolve(), table.Resolve(), dx.Resolve()),
            false, x, dy, table, dx);
    }
}
