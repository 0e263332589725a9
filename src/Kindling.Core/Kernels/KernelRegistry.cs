using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Kernels.Float;
using Kindling.Kernels.Int8;
using Kindling.Tensors;

namespace Kindling.Kernels;

/// <summary>Chooses the kernel for a node by its operator and element types.</summary>
public static class KernelRegistry
{
    /// <summary>Creates the kernel.</summary>
    /// <param name="context">The node and its memory.</param>
    /// <param name="reference">True for the scalar reference.</param>
    /// <exception cref="GraphException">There is none for this operator and these types; the message names the node.</exception>
    public static Kernel Create(KernelContext context, bool reference = false)
    {
        ArgumentNullException.ThrowIfNull(context);
        var isFloat = context.Output.Type == ElementType.Float32 && context.Inputs[0].Type == ElementType.Float32;
        var kernel = isFloat ? FloatKernels.Create(context, reference) : Int8Kernels.Create(context, reference);
        return kernel ?? throw new GraphException(
            $"{context.Node.Name}: no kernel for {context.Node.Operator.Kind} from {context.Inputs[0].Type.Name()} to {context.Output.Type.Name()}");
    }
}
