using Kindling.Execution;

namespace Kindling.Kernels.Float.Reference;

/// <summary>A scalar kernel that is the specification of its operator in code: one chunk, plain loops.</summary>
internal abstract unsafe class ReferenceKernel(KernelContext context) : Kernel
{
    /// <inheritdoc/>
    public sealed override int Chunks => 1;

    /// <summary>The node and its memory.</summary>
    protected KernelContext Context { get; } = context;

    /// <summary>Input 0.</summary>
    protected TensorView X => Context.Inputs[0];

    /// <summary>The output.</summary>
    protected TensorView Y => Context.Output;

    /// <inheritdoc/>
    public sealed override void Run(int chunk, byte* scratch) => Compute();

    /// <summary>Computes the whole output.</summary>
    protected abstract void Compute();

    /// <summary>An element of an <c>[N, H, W, C]</c> view.</summary>
    protected static ref float At(in TensorView view, int n, int y, int x, int c) =>
        ref view.Floats[(((((nint)n * view.Shape.Height) + y) * view.Shape.Width) + x) * view.PixelStride + c];

    /// <summary>An element by its position in row-major order.</summary>
    protected static ref float At(in TensorView view, int index) =>
        ref view.Floats[((nint)(index / view.Shape.Channels) * view.PixelStride) + (index % view.Shape.Channels)];

    /// <summary>min(max(value, range.Min), range.Max); a NaN stays one.</summary>
    protected static float Clip(float value, (float Min, float Max) range) => MathF.Min(MathF.Max(value, range.Min), range.Max);

    /// <summary>The constant or activation at an input that may be missing.</summary>
    protected float Optional(int input, int index) => Context.Inputs.Count > input ? Context.Inputs[input].Floats[index] : 0;
}
