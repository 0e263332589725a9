using Kindling.Execution;
using Kindling.Graphs.Operators;

namespace Kindling.Kernels.Float.Reference;

/// <summary>min(max(x, Min), Max).</summary>
internal sealed unsafe class ClipReference(KernelContext context) : ReferenceKernel(context)
{
    protected override void Compute()
    {
        var op = (Clip)Context.Node.Operator;
        for (var e = 0; e < Y.Shape.ElementCount; e++)
            At(Y, e) = Clip(At(X, e), (op.Min, op.Max));
    }
}
