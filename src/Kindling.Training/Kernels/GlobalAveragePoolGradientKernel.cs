using Kindling.Execution;

namespace Kindling.Training.Kernels;

/// <summary>Gives each pixel of an image its share of the channels' gradients, or adds it to what is there; a chunk is an image.</summary>
internal sealed unsafe class GlobalAveragePoolGradientKernel(TensorView dy, TensorView dx, bool adds) : Kernel
{
    private readonly int _length = new ChannelPattern(dx.Shape).Length;

    /// <inheritdoc/>
    public override int Chunks => dx.Shape.Batch;

    /// <inheritdoc/>
    public override int ScratchBytes => _length * sizeof(float);

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var channels = dx.Shape.Channels;
        var pixels = dx.Shape.Pixels / dx.Shape.Batch;
        var row = (float*)scratch;
        ChannelSweeps.Repeat(dy.Floats + ((nint)chunk * dy.PixelStride), channels, 1f / pixels, row, _length);
        var image = dx.Floats + ((nint)chunk * pixels * dx.PixelStride);
        if (dx.IsContiguous)
        {
            ChannelSweeps.Add(row, image, pixels * channels, _length, adds);
            return;
        }

        for (var p = 0; p < pixels; p++, image += dx.PixelStride)
            ChannelSweeps.Add(row, image, channels, _length, adds);
    }
}
