using Kindling.Execution;
using Kindling.Graphs.Operators;

namespace Kindling.Kernels.Float.Reference;

/// <summary>gamma (x - mean) / sqrt(variance + Epsilon) + beta with the moving statistics.</summary>
internal sealed unsafe class BatchNormReference(KernelContext context) : ReferenceKernel(context)
{
    protected override void Compute()
    {
        var op = (BatchNorm)Context.Node.Operator;
        var inputs = Context.Inputs;
        for (var e = 0; e < Y.Shape.ElementCount; e++)
        {
            var c = e % Y.Shape.Channels;
            var normalized = (At(X, e) - inputs[3].Floats[c]) / MathF.Sqrt(inputs[4].Floats[c] + op.Epsilon);
            At(Y, e) = (inputs[1].Floats[c] * normalized) + inputs[2].Floats[c];
        }
    }
}
