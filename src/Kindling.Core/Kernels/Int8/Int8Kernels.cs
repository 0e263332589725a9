using Kindling.Execution;

namespace Kindling.Kernels.Int8;

/// <summary>The integer kernels by operator.</summary>
internal static class Int8Kernels
{
    /// <summary>The kernel for a node with 8-bit activations, or between 8 bits and float; null when there is none.</summary>
    public static Kernel? Create(KernelContext context, bool reference) => context.Node.Operator switch
    {
        _ => null,
    };
}
