using Kindling.Execution;

namespace Kindling.Training.Kernels;

/// <summary>y = min(max(scale x + shift, min), max).</summary>
internal sealed unsafe class BatchNormApplyKernel(
    ChannelPattern layout, float min, float max, TensorView x, TensorView table, TensorView y) : Kernel
{
    /// <inheritdoc/>
    public override int Chunks => layout.Chunks;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var first = layout.First(chunk);
        NormalizationSweeps.Apply(
            x.Floats + first, y.Floats + first, layout.First(chunk + 1) - first, new BatchNormTable(table), layout.Length, min, max);
    }
}
