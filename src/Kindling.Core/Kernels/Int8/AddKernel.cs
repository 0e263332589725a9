using Kindling.Execution;
using Kindling.Graphs.Operators;
using Kindling.Numerics;

namespace Kindling.Kernels.Int8;

/// <summary>
/// ADD and SUB: both inputs brought to twice the larger scale with 20 extra bits, added or subtracted, requantized. What an input byte contributes is looked up.
/// </summary>
internal sealed unsafe class AddKernel : Kernel
{
    private readonly TensorView _first;
    private readonly TensorView _second;
    private readonly TensorView _output;
    private readonly int[] _firstTerms;
    private readonly int[] _secondTerms;
    private readonly QuantizedMultiplier _multiplier;
    private readonly int _min;
    private readonly int _max;
    private readonly int _pixelsPerChunk;

    public AddKernel(KernelContext context, Activation activation, bool isDifference)
    {
        _first = context.Inputs[0];
        _second = context.Inputs[1];
        _output = context.Output;
        var (first, second, sum) = QuantizedArithmetic.AddMultipliers(_first.Quantization!, _second.Quantization!, _output.Quantization!);
        _firstTerms = Terms(first, _first.Quantization!.ZeroPoint);
        _secondTerms = Terms(second, _second.Quantization!.ZeroPoint);
        if (isDifference)
            _secondTerms = [.. _secondTerms.Select(t => -t)];
        _multiplier = sum;
        _pixelsPerChunk = Math.Max(1, Int8Kernels.ElementsPerChunk / _output.Shape.Channels);
        (_min, _max) = QuantizedArithmetic.ActivationRange(activation, _output.Quantization!);
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
        var zeroPoint = _output.Quantization!.ZeroPoint;
        for (var c = 0; c < _output.Shape.Channels; c++)
        {
            var sum = _multiplier.Apply(_firstTerms[first[c] + 128] + _secondTerms[second[c] + 128]) + zeroPoint;
            output[c] = (sbyte)Math.Clamp(sum, _min, _max);
        }
    }

    private static int[] Terms(QuantizedMultiplier multiplier, int zeroPoint)
    {
        var terms = new int[256];
        for (var i = 0; i < terms.Length; i++)
            terms[i] = multiplier.Apply((i - 128 - zeroPoint) << QuantizedArithmetic.AddLeftShift);
        return terms;
    }
}
