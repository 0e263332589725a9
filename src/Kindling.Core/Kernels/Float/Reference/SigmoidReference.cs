using Kindling.Execution;

namespace Kindling.Kernels.Float.Reference;

/// <summary>1 / (1 + exp(-x)).</summary>
internal sealed unsafe class SigmoidReference(KernelContext context) : ReferenceKernel(context)
{
    protected override void Compute()
    {
        for (var e = 0; e < Y.Shape.ElementCount; e++)
            At(Y, e) = 1 / (1 + MathF.Exp(-At(X, e)));
    }
}
