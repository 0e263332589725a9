using Kindling.Execution;

namespace Kindling.Kernels.Float.Reference;

/// <summary>A function of each element: HARD_SWISH, LEAKY_RELU.</summary>
internal sealed unsafe class MapReference(KernelContext context, Func<float, float> function) : ReferenceKernel(context)
{
    /// <summary>x * min(max(x + 3, 0), 6) / 6.</summary>
    public static float HardSwish(float x) => x * MathF.Min(MathF.Max(x + 3, 0), 6) / 6;

    protected override void Compute()
    {
        for (var e = 0; e < Y.Shape.ElementCount; e++)
            At(Y, e) = function(At(X, e));
    }
}
