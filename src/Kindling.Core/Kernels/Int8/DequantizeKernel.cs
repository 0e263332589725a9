using Kindling.Execution;
using Kindling.Tensors;

namespace Kindling.Kernels.Int8;

/// <summary>DEQUANTIZE: scale * (q - zero point).</summary>
internal sealed unsafe class DequantizeKernel : Kernel
{
    private readonly TensorView _input;
    private readonly TensorView _output;

    public DequantizeKernel(KernelContext context)
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
        var (scale, zeroPoint) = (_input.Quantization!.Scale, _input.Quantization.ZeroPoint);
        for (var i = start; i < end; i++)
            _output.Floats[i] = scale * ((_input.Type == ElementType.UInt8 ? _input.UBytes[i] : _input.SBytes[i]) - zeroPoint);
    }
}
