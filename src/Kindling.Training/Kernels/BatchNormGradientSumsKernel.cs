using Kindling.Execution;

namespace Kindling.Training.Kernels;

/// <summary>For each chunk of pixels and channel: the sum of the gradient that passes the clipping, and of that times (x - mean).</summary>
internal sealed unsafe class BatchNormGradientSumsKernel(
    ChannelPattern layout, float min, float max, TensorView x, TensorView dy, TensorView table, TensorView partials) : Kernel
{
    /// <inheritdoc/>
    public override int Chunks => layout.Chunks;

    /// <inheritdoc/>
    public override int ScratchBytes => NormalizationSweeps.ScratchBytes(layout);

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var first = layout.First(chunk);
        var sum = partials.Floats + ((nint)chunk * 2 * layout.Channels);
        new Span<float>(sum, 2 * layout.Channels).Clear();
        NormalizationSweeps.GradientSums(
            x.Floats + first, dy.Floats + first, layout.First(chunk + 1) - first, layout, new BatchNormTable(table), min, max,
            sum, sum + layout.Channels, (float*)scratch);
    }
}
