using Kindling.Graphs;
using Kindling.Numerics;

namespace Kindling.Execution;

/// <summary>What a kernel is compiled from: the node and the memory of its inputs and output.</summary>
/// <param name="Node">The node; its constants hold the weights (float <c>Tensor</c>s may change between calls of <see cref="Kernel.Prepare"/>).</param>
/// <param name="Inputs">Memory of each input, constants included.</param>
/// <param name="Output">Memory of the output; may be the first input's when the operator can run in place.</param>
public sealed record KernelContext(Node Node, IReadOnlyList<TensorView> Inputs, TensorView Output)
{
    /// <summary>How integer kernels round.</summary>
    public Int8Arithmetic Arithmetic { get; init; }
}
