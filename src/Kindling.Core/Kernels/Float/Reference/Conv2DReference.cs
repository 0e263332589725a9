using Kindling.Execution;
using Kindling.Graphs.Operators;

namespace Kindling.Kernels.Float.Reference;

/// <summary>The sum over kernel rows, columns and input channels, in this order, starting from the bias.</summary>
internal sealed unsafe class Conv2DReference(KernelContext context) : ReferenceKernel(context)
{
    protected override void Compute()
    {
        var op = (Conv2D)Context.Node.Operator;
        var weights = Context.Inputs[1];
        var (rows, columns, inputs) = (weights.Shape[1], weights.Shape[2], weights.Shape[3]);
        for (var n = 0; n < Y.Shape.Batch; n++)
            for (var oy = 0; oy < Y.Shape.Height; oy++)
                for (var ox = 0; ox < Y.Shape.Width; ox++)
                    for (var o = 0; o < Y.Shape.Channels; o++)
                    {
                        var sum = Optional(2, o);
                        for (var ky = 0; ky < rows; ky++)
                            for (var kx = 0; kx < columns; kx++)
                            {
                                var y = (oy * op.Stride.Height) - op.Padding.Top + (ky * op.Dilation.Height);
                                var x = (ox * op.Stride.Width) - op.Padding.Left + (kx * op.Dilation.Width);
                                if (y < 0 || y >= X.Shape.Height || x < 0 || x >= X.Shape.Width)
                                    continue;
                                for (var i = 0; i < inputs; i++)
                                    sum += At(X, n, y, x, i) * weights.Floats[(((((o * rows) + ky) * columns) + kx) * inputs) + i];
                            }

                        At(Y, n, oy, ox, o) = Clip(sum, op.Activation.Range());
                    }
    }
}
