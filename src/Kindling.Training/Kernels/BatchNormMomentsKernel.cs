using Kindling.Execution;

namespace Kindling.Training.Kernels;

/// <summary>For each chunk of pixels and channel: the mean and the sum of squared distances from it.</summary>
internal sealed unsafe class BatchNormMomentsKernel(ChannelPattern layout, TensorView x, TensorView partials) : Kernel
{
    /// <inheritdoc/>
    public override int Chunks => layout.Chunks;

    /// <inheritdoc/>
    public override int ScratchBytes => NormalizationSweeps.ScratchBytes(layout);

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var first = layout.First(chunk);
        var mean = partials.Floats + ((nint)chunk * 2 * layout.Channels);
        NormalizationSweeps.Moments(x.Floats + first, layout.First(chunk + 1) - first, layout, mean, mean + layout.Channels, (float*)scratch);
    }
}
