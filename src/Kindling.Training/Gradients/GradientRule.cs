using Kindling.Graphs;
using Kindling.Training.Planning;

namespace Kindling.Training.Gradients;

/// <summary>How one operator is trained: what its forward pass keeps and how the gradient at its output becomes gradients at its inputs.</summary>
internal abstract class GradientRule
{
    /// <summary>True when the backward pass reads that input's activations.</summary>
    public virtual bool ReadsInput(Node node, int input) => true;

    /// <summary>True when the backward pass reads the output's activations.</summary>
    public virtual bool ReadsOutput(Node node) => false;

    /// <summary>Plans the forward pass.</summary>
    public virtual void Forward(Node node, PlanBuilder plan) => plan.AddForward(node);

    /// <summary>Plans the backward pass. The gradient at the output is complete.</summary>
    public abstract void Backward(Node node, PlanBuilder plan);
}
