using Kindling.Execution;
using Kindling.Graphs.Operators;

namespace Kindling.Kernels.Float.Reference;

/// <summary>The inputs one after the other along an axis.</summary>
internal sealed unsafe class ConcatReference(KernelContext context) : ReferenceKernel(context)
{
    protected override void Compute()
    {
        var op = (Concat)Context.Node.Operator;
        var inner = 1;
        for (var d = op.Axis + 1; d < Y.Shape.Rank; d++)
            inner *= Y.Shape[d];
        var along = 0;
        foreach (var input in Context.Inputs)
        {
            for (var e = 0; e < input.Shape.ElementCount; e++)
            {
                var block = inner * input.Shape[op.Axis];
                var target = (e / block * inner * Y.Shape[op.Axis]) + (along * inner) + (e % block);
                At(Y, target) = Clip(At(input, e), op.Activation.Range());
            }

            along += input.Shape[op.Axis];
        }
    }
}
