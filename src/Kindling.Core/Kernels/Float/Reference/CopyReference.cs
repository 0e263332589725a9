using Kindling.Execution;

namespace Kindling.Kernels.Float.Reference;

/// <summary>The same elements in the same order: reshape, and dropout at inference.</summary>
internal sealed unsafe class CopyReference(KernelContext context) : ReferenceKernel(context)
{
    protected override void Compute()
    {
        for (var e = 0; e < Y.Shape.ElementCount; e++)
            At(Y, e) = At(X, e);
    }
}
