using Kindling.Execution;
using Kindling.Numerics;

namespace Kindling.Kernels.Int8;

/// <summary>QUANTIZE from float: divided by the scale in single precision, rounded half away from zero, zero point added, clamped.</summary>
internal sealed unsafe class QuantizeKernel : Kernel
{
    private readonly TensorView _input;
    private readonly TensorView _output;

    public QuantizeKernel(KernelContext context)
    {
        _input = context.Inputs[0];
        _output = context.Output;
    }

    /// <inheritdoc/>
    public override int Chunks => (_output.Shape.ElementCount + Int8Kernels.ElementsPerChunk - 1) / Int8Kernels.ElementsPerChunk;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var start = chunk * Int8Kernels.ElementsPerChunk;
        var end = Math.Min(start + Int8Kernels.ElementsPerChunk, _output.Shape.ElementCount);
        for (var i = start; i < end; i++)
            _output.UBytes[i] = unchecked((byte)QuantizedArithmetic.Quantize(_input.Floats[i], _output.Quantization!, _output.Type));
    }
}
