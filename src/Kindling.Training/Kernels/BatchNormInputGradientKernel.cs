using Kindling.Execution;

namespace Kindling.Training.Kernels;

/// <summary>dx = a dz + b x + c for each channel, where dz is the gradient that passes the clipping; may work in place of dy.</summary>
internal sealed unsafe class BatchNormInputGradientKernel(
    ChannelPattern layout, float min, float max, TensorView x, TensorView dy, TensorView table, TensorView dx) : Kernel
{
    /// <inheritdoc/>
    public override int Chunks => layout.Chunks;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var first = layout.First(chunk);
        NormalizationSweeps.InputGradient(
            x.Floats + first, dy.Floats + first, dx.Floats + first, layout.First(chunk + 1) - first, new BatchNormTable(table), layout.Length, min, max);
    }
}
