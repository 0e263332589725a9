using Kindling.Execution;
using Kindling.Graphs.Operators;

namespace Kindling.Kernels.Float.Reference;

/// <summary>The image with zeros around it.</summary>
internal sealed unsafe class PadReference(KernelContext context) : ReferenceKernel(context)
{
    protected override void Compute()
    {
        var padding = ((Pad)Context.Node.Operator).Padding;
        for (var n = 0; n < Y.Shape.Batch; n++)
            for (var oy = 0; oy < Y.Shape.Height; oy++)
                for (var ox = 0; ox < Y.Shape.Width; ox++)
                    for (var c = 0; c < Y.Shape.Channels; c++)
                    {
                        var (y, x) = (oy - padding.Top, ox - padding.Left);
                        var isInside = y >= 0 && y < X.Shape.Height && x >= 0 && x < X.Shape.Width;
                        At(Y, n, oy, ox, c) = isInside ? At(X, n, y, x, c) : 0;
                    }
    }
}
