using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Training.Kernels;
using Kindling.Training.Planning;

namespace Kindling.Training.Gradients;

/// <summary>Dropout: forward and backward draw the same mask from a stream named by seed, step and layer.</summary>
internal sealed class DropoutGradient : GradientRule
{
    /// <inheritdoc/>
    public override bool ReadsInput(Node node, int input) => false;

    /// <inheritdoc/>
    public override void Forward(Node node, PlanBuilder plan)
    {
        var x = plan.Activation(node.Inputs[0]);
        var y = plan.Output(node);
        var dropout = (Dropout)node.Operator;
        plan.Add(node.Name, () => new DropoutKernel(node.Name, dropout, plan.State, x.Resolve(), y.Resolve()), false, x, y);
    }

    /// <inheritdoc/>
    public override void Backward(Node node, PlanBuilder plan)
    {
        var dy = plan.OutputGradient(node);
        var dropout = (Dropout)node.Operator;
        if (plan.TryAliasGradient(node, node.Inputs[0]))
            Emit(dy);
        else
            plan.Contribute(node, node.Inputs[0], Emit);

        void Emit(PlannedView dx) =>
            plan.Add($"{node.Name} gradient", () => new DropoutKernel(node.Name, dropout, plan.State, dy.Resolve(), dx.Resolve()), false, dy, dx);
    }
}
