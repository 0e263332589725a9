using Kindling.Execution;
using Kindling.Graphs.Operators;

namespace Kindling.Kernels.Float.Reference;

/// <summary>The sum over kernel rows and columns of each channel, starting from the bias.</summary>
internal sealed unsafe class DepthwiseConv2DReference(KernelContext context) : ReferenceKernel(context)
{
    protected override void Compute()
    {
        var op = (DepthwiseConv2D)Context.Node.Operator;
        var weights = Context.Inputs[1];
        var (rows, columns, channels) = (weights.Shape[0], weights.Shape[1], weights.Shape[2]);
        for (var n = 0; n < Y.Shape.Batch; n++)
            for (var oy = 0; oy < Y.Shape.Height; oy++)
                for (var ox = 0; ox < Y.Shape.Width; ox++)
                    for (var c = 0; c < channels; c++)
                    {
                        var sum = Optional(2, c);
                        for (var ky = 0; ky < rows; ky++)
                            for (var kx = 0; kx < columns; kx++)
                            {
                                var y = (oy * op.Stride.Height) - op.Padding.Top + (ky * op.Dilation.Height);
                                var x = (ox * op.Stride.Width) - op.Padding.Left + (kx * op.Dilation.Width);
                                if (y >= 0 && y < X.Shape.Height && x >= 0 && x < X.Shape.Width)
                                    sum += At(X, n, y, x, c) * weights.Floats[(((ky * columns) + kx) * channels) + c];
                            }

                        At(Y, n, oy, ox, c) = Clip(sum, op.Activation.Range());
                    }
    }
}
