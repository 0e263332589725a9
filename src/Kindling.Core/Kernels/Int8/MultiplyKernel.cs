using Kindling.Execution;
using Kindling.Graphs.Operators;
using Kindling.Numerics;

namespace Kindling.Kernels.Int8;

/// <summary>MUL: the product of both inputs without their zero points, requantized.</summary>
internal sealed unsafe class MultiplyKernel : Kernel
{
    private readonly TensorView _first;
    private readonly TensorView _second;
    private readonly TensorView _output;
    private readonly Requantizer _factor;
    private readonly int _min;
    private readonly int _max;
    private readonly int _pixelsPerChunk;

    public MultiplyKernel(KernelContext context, Multiply op)
    {
        _first = context.Inputs[0];
        _second = context.Inputs[1];
        _output = context.Output;
        _factor = context.Arithmetic == Int8Arithmetic.Xnnpack
            ? Requantizer.Single(XnnpackArithmetic.ProductScale(_first.Quantization!, _second.Quantization!, _output.Quantization!))
            : Requantizer.Fixed(QuantizedArithmetic.ProductMultiplier(_first.Quantization!, _second.Quantization!, _output.Quantization!));
        _pixelsPerChunk = Math.Max(1, Int8Kernels.ElementsPerChunk / _output.Shape.Channels);
        (_min, _max) = QuantizedArithmetic.ActivationRange(op.Activation, _output.Quantization!);
    }

    /// <inheritdoc/>
    public override int Chunks => (_output.Shape.Pixels + _pixelsPerChunk - 1) / _pixelsPerChunk;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var end = Math.Min((chunk + 1) * _pixelsPerChunk, _output.Shape.Pixels);
        for (var pixel = chunk * _pixelsPerChunk; pixel < end; pixel++)
            RunPixel(pixel);
    }

    private void RunPixel(int pixel)
    {
        var first = _first.SBytes + ((long)pixel * _first.PixelStride);
        var second = BroadcastRow.Of(_second, pixel, _output.Shape);
        var output = _output.SBytes + ((long)pixel * _output.PixelStride);
        var (firstZero, secondZero, zeroPoint) = (_first.Quantization!.ZeroPoint, _second.Quantization!.ZeroPoint, _output.Quantization!.ZeroPoint);
        for (var c = 0; c < _output.Shape.Channels; c++)
        {
            var product = _factor.Apply((first[c] - firstZero) * (second[c] - secondZero)) + zeroPoint;
            output[c] = (sbyte)Math.Clamp(product, _min, _max);
        }
    }
}
