using Kindling.Execution;

namespace Kindling.Training.Kernels;

/// <summary>Both gradients of <see cref="GateKernel"/> in one pass. A chunk is an image.</summary>
internal sealed unsafe class GateGradientKernel(
    TensorView x, TensorView gate, TensorView dy, TensorView dx, TensorView gateGradient, bool adds) : Kernel
{
    private readonly int _length = new ChannelPattern(x.Shape).Length;

    /// <inheritdoc/>
    public override int Chunks => x.Shape.Batch;

    /// <inheritdoc/>
    public override int ScratchBytes => 2 * _length * sizeof(float);

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var count = x.Shape.ElementCount / x.Shape.Batch;
        var channels = x.Shape.Channels;
        var row = (float*)scratch;
        var sums = row + _length;
        var first = (nint)chunk * count;
        ChannelSweeps.Repeat(gate.Floats + ((nint)chunk * channels), channels, 1, row, _length);
        new Span<float>(sums, _length).Clear();
        ChannelSweeps.MultiplyGradient(x.Floats + first, dy.Floats + first, row, dx.Floats + first, sums, count, _length, adds);
        for (var c = 0; c < channels; c++)
        {
            float sum = 0;
            for (var i = c; i < _length; i += channels)
                sum += sums[i];
            gateGradient.Floats[((nint)chunk * channels) + c] = sum;
        }
    }
}
