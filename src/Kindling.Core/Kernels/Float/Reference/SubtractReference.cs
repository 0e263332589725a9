using Kindling.Execution;
using Kindling.Graphs.Operators;

namespace Kindling.Kernels.Float.Reference;

/// <summary>x - y, y as it is or repeated for each sample or pixel.</summary>
internal sealed unsafe class SubtractReference(KernelContext context) : ReferenceKernel(context)
{
    protected override void Compute()
    {
        var range = ((Subtract)Context.Node.Operator).Activation.Range();
        var second = Operand.Of(Y, Context.Inputs[1]);
        for (var e = 0; e < Y.Shape.ElementCount; e++)
            At(Y, e) = Clip(At(X, e) - At(Context.Inputs[1], second.Index(e)), range);
    }
}
