using Kindling.Execution;

namespace Kindling.Training.Kernels;

/// <summary>dx = dy y (1 - y), over elements without gaps; may work in place.</summary>
internal sealed unsafe class SigmoidGradientKernel(TensorView y, TensorView dy, TensorView dx) : ElementKernel(y.Shape.ElementCount)
{
    /// <inheritdoc/>
    protected override void Run(int first, int last)
    {
        for (var i = first; i < last; i++)
            dx.Floats[i] = dy.Floats[i] * y.Floats[i] * (1 - y.Floats[i]);
    }
}
