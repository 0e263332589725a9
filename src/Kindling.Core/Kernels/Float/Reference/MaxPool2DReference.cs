using Kindling.Execution;
using Kindling.Graphs.Operators;

namespace Kindling.Kernels.Float.Reference;

/// <summary>The largest value under the window; positions in the padding are not looked at.</summary>
internal sealed unsafe class MaxPool2DReference(KernelContext context) : ReferenceKernel(context)
{
    protected override void Compute()
    {
        var op = (MaxPool2D)Context.Node.Operator;
        for (var n = 0; n < Y.Shape.Batch; n++)
            for (var oy = 0; oy < Y.Shape.Height; oy++)
                for (var ox = 0; ox < Y.Shape.Width; ox++)
                    for (var c = 0; c < Y.Shape.Channels; c++)
                    {
                        var largest = float.NegativeInfinity;
                        for (var ky = 0; ky < op.Kernel.Height; ky++)
                            for (var kx = 0; kx < op.Kernel.Width; kx++)
                            {
                                var y = (oy * op.Stride.Height) - op.Padding.Top + ky;
                                var x = (ox * op.Stride.Width) - op.Padding.Left + kx;
                                if (y >= 0 && y < X.Shape.Height && x >= 0 && x < X.Shape.Width)
                                    largest = MathF.Max(largest, At(X, n, y, x, c));
                            }

                        At(Y, n, oy, ox, c) = Clip(largest, op.Activation.Range());
                    }
    }
}
