using Kindling.Execution;

namespace Kindling.Training.Kernels;

/// <summary>y = x s with one s for each sample and channel (squeeze-and-excite). Views have no gaps. A chunk is an image.</summary>
internal sealed unsafe class GateKernel(TensorView x, TensorView gate, TensorView y) : Kernel
{
    private readonly int _length = new ChannelPattern(x.Shape).Length;

    /// <inheritdoc/>
    public override int Chunks => x.Shape.Batch;

    /// <inheritdoc/>
    public override int ScratchBytes => _length * sizeof(float);

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var count = x.Shape.ElementCount / x.Shape.Batch;
        var row = (float*)scratch;
        ChannelSweeps.Repeat(gate.Floats + ((nint)chunk * x.Shape.Channels), x.Shape.Channels, 1, row, _length);
        ChannelSweeps.Multiply(x.Floats + ((nint)chunk * count), row, y.Floats + ((nint)chunk * count), count, _length);
    }
}
