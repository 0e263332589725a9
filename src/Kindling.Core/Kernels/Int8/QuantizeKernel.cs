using Kindling.Execution;
using Kindling.Numerics;
using Kindling.Tensors;

namespace Kindling.Kernels.Int8;

/// <summary>QUANTIZE from float: divided by the scale in single precision, rounded half away from zero, zero point added, clamped (XNNPACK multiplies and rounds half to even).</summary>
internal sealed unsafe class QuantizeKernel : Kernel
{
    private readonly TensorView _input;
    private readonly TensorView _output;
    private readonly Func<float, Quantization, ElementType, int> _quantize;

    public QuantizeKernel(KernelContext context)
    {
        _input = context.Inputs[0];
        _output = context.Output;
        _quantize = context.Arithmetic == Int8Arithmetic.Xnnpack ? XnnpackArithmetic.Quantize : QuantizedArithmetic.Quantize;
    }

    /// <inheritdoc/>
    public override int Chunks => (_output.Shape.ElementCount + Int8Kernels.ElementsPerChunk - 1) / Int8Kernels.ElementsPerChunk;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var start = chunk * Int8Kernels.ElementsPerChunk;
        var end = Math.Min(start + Int8Kernels.ElementsPerChunk, _output.Shape.ElementCount);
        for (var i = start; i < end; i++)
            _output.UBytes[i] = unchecked((byte)_quantize(_input.Floats[i], _output.Quantization!, _output.Type));
    }
}
