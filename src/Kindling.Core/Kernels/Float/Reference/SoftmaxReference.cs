using Kindling.Execution;
using Kindling.Graphs.Operators;

namespace Kindling.Kernels.Float.Reference;

/// <summary>exp(Beta (x - max)) over its sum, for each pixel.</summary>
internal sealed unsafe class SoftmaxReference(KernelContext context) : ReferenceKernel(context)
{
    protected override void Compute()
    {
        var beta = ((Softmax)Context.Node.Operator).Beta;
        var channels = Y.Shape.Channels;
        for (var p = 0; p < Y.Shape.Pixels; p++)
        {
            var largest = float.NegativeInfinity;
            for (var c = 0; c < channels; c++)
                largest = MathF.Max(largest, beta * At(X, (p * channels) + c));
            var sum = 0f;
            for (var c = 0; c < channels; c++)
            {
                var e = (p * channels) + c;
                At(Y, e) = MathF.Exp((beta * At(X, e)) - largest);
                sum += At(Y, e);
            }

            for (var c = 0; c < channels; c++)
                At(Y, (p * channels) + c) /= sum;
        }
    }
}
