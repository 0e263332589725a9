using Kindling.Execution;
using Kindling.Graphs.Operators;

namespace Kindling.Kernels.Float.Reference;

/// <summary>The inner product of each sample with each row of weights, starting from the bias.</summary>
internal sealed unsafe class DenseReference(KernelContext context) : ReferenceKernel(context)
{
    protected override void Compute()
    {
        var op = (Dense)Context.Node.Operator;
        var weights = Context.Inputs[1];
        var inputs = weights.Shape[1];
        for (var n = 0; n < Y.Shape.Batch; n++)
            for (var o = 0; o < Y.Shape.Channels; o++)
            {
                var sum = Optional(2, o);
                for (var i = 0; i < inputs; i++)
                    sum += At(X, (n * inputs) + i) * weights.Floats[(o * inputs) + i];
                At(Y, (n * Y.Shape.Channels) + o) = Clip(sum, op.Activation.Range());
            }
    }
}
