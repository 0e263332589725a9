using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Kindling.Execution;
using Kindling.Training.QuantizationAware;

namespace Kindling.Training.Kernels;

/// <summary>y = scale * round(clip(x) / scale), halves away from zero, over elements without gaps; may work in place.</summary>
internal sealed unsafe class FakeQuantizeKernel(TensorView x, TensorView y, FakeQuantize op) : ElementKernel(y.Shape.ElementCount)
{
    private readonly float* _x = x.Floats;
    private readonly float* _y = y.Floats;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Run(int first, int last)
    {
        var (low, high, scale) = (Vector512.Create(op.Low), Vector512.Create(op.High), Vector512.Create(op.Scale));
        var perStep = Vector512.Create(1 / op.Scale);
        var i = first;
        for (; i <= last - 16; i += 16)
        {
            var steps = Vector512.Min(Vector512.Max(Vector512.Load(_x + i), low), high) * perStep;
            // Towards zero after half a step away from zero.
            var half = Vector512.CopySign(Vector512.Create(0.5f), steps);
            (Vector512.Truncate(steps + half) * scale).Store(_y + i);
        }

        for (; i < last; i++)
        {
            var steps = MathF.Min(MathF.Max(_x[i], op.Low), op.High) * (1 / op.Scale);
            _y[i] = MathF.Truncate(steps + MathF.CopySign(0.5f, steps)) * op.Scale;
        }
    }
}
