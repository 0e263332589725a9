using Kindling.Execution;

namespace Kindling.Kernels.Float;

/// <summary>The same elements in the same order: a reshape, or dropout at inference, that could not share its input's memory.</summary>
internal sealed unsafe class CopyFloat(TensorView input, TensorView output) : Kernel
{
    private readonly float* _input = input.Floats;
    private readonly float* _output = output.Floats;
    private readonly WorkSplit _split = WorkSplit.By(output.Shape.ElementCount, 1, 1 << 16, 64);

    /// <inheritdoc/>
    public override int Chunks => _split.Chunks;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var (first, last) = (_split.First(chunk), _split.First(chunk + 1));
        if (_input != _output)
            Buffer.MemoryCopy(_input + first, _output + first, long.MaxValue, (long)(last - first) * sizeof(float));
    }
}
