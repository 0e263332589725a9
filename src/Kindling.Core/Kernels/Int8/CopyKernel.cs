using Kindling.Execution;
using Kindling.Tensors;

namespace Kindling.Kernels.Int8;

/// <summary>Operators that change no byte: RESHAPE, and dropout at inference.</summary>
internal sealed unsafe class CopyKernel : Kernel
{
    private readonly TensorView _input;
    private readonly TensorView _output;

    public CopyKernel(KernelContext context)
    {
        _input = context.Inputs[0];
        _output = context.Output;
    }

    /// <inheritdoc/>
    public override int Chunks => 1;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var bytes = _output.Shape.ElementCount * _output.Type.Size();
        Buffer.MemoryCopy(_input.UBytes, _output.UBytes, bytes, bytes);
    }
}
