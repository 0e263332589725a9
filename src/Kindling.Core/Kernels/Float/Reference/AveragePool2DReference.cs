using Kindling.Execution;
using Kindling.Graphs.Operators;

namespace Kindling.Kernels.Float.Reference;

/// <summary>The mean under the window, of the pixels inside the image or of the whole window.</summary>
internal sealed unsafe class AveragePool2DReference(KernelContext context) : ReferenceKernel(context)
{
    protected override void Compute()
    {
        var op = (AveragePool2D)Context.Node.Operator;
        for (var n = 0; n < Y.Shape.Batch; n++)
            for (var oy = 0; oy < Y.Shape.Height; oy++)
                for (var ox = 0; ox < Y.Shape.Width; ox++)
                    for (var c = 0; c < Y.Shape.Channels; c++)
                    {
                        var sum = 0f;
                        var count = 0;
                        for (var ky = 0; ky < op.Kernel.Height; ky++)
                            for (var kx = 0; kx < op.Kernel.Width; kx++)
                            {
                                var y = (oy * op.Stride.Height) - op.Padding.Top + ky;
                                var x = (ox * op.Stride.Width) - op.Padding.Left + kx;
                                if (y < 0 || y >= X.Shape.Height || x < 0 || x >= X.Shape.Width)
                                    continue;
                                sum += At(X, n, y, x, c);
                                count++;
                            }

                        var divisor = op.CountIncludesPadding ? op.Kernel.Height * op.Kernel.Width : Math.Max(count, 1);
                        At(Y, n, oy, ox, c) = Clip(sum / divisor, op.Activation.Range());
                    }
    }
}
