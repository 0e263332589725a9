using Kindling.Execution;

namespace Kindling.Kernels.Float;

/// <summary>The float kernels by operator.</summary>
internal static class FloatKernels
{
    /// <summary>The kernel for a node whose activations are float32; null when there is none.</summary>
    public static Kernel? Create(KernelContext context, bool reference) => context.Node.Operator switch
    {
        _ => null,
    };
}
