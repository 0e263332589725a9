using System.Numerics;
using Kindling.Execution;
using Kindling.Graphs.Operators;
using Kindling.Numerics;

namespace Kindling.Kernels.Int8;

/// <summary>
/// SOFTMAX in fixed point: exponentials of the differences to the largest input with 31 fractional bits, their sum with 12 integer bits,
/// one reciprocal. One chunk is one row.
/// </summary>
internal sealed unsafe class SoftmaxKernel : Kernel
{
    private const int MostDifferences = 256;
    private readonly TensorView _input;
    private readonly TensorView _output;

    // What a difference of -i to the row's maximum contributes; 0 beyond the smallest difference that counts.
    private readonly int[] _exponentials = new int[MostDifferences];
    private readonly int _smallestDifference;

    public SoftmaxKernel(KernelContext context, Softmax op)
    {
        _input = context.Inputs[0];
        _output = context.Output;
        (var multiplier, _smallestDifference) = QuantizedArithmetic.SoftmaxScaling(op.Beta, _input.Quantization!);
        for (var i = 0; i < MostDifferences && -i >= _smallestDifference; i++)
            _exponentials[i] = FixedPoint.ExpOnNegativeValues(multiplier.Apply(-i), QuantizedArithmetic.SoftmaxIntegerBits);
    }

    /// <inheritdoc/>
    public override int Chunks => _output.Shape.Pixels;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var classes = _output.Shape.Channels;
        var input = _input.SBytes + ((long)chunk * _input.PixelStride);
        var output = _output.SBytes + ((long)chunk * _output.PixelStride);
        var largest = sbyte.MinValue;
        for (var c = 0; c < classes; c++)
            largest = Math.Max(largest, input[c]);
        var sum = 0;
        for (var c = 0; c < classes; c++)
            sum += FixedPoint.RoundingDivideByPowerOfTwo(_exponentials[largest - input[c]], QuantizedArithmetic.SoftmaxSumIntegerBits);

        var headroom = BitOperations.LeadingZeroCount((uint)sum);
        var reciprocal = FixedPoint.OneOverOnePlus((int)(((uint)sum << headroom) - (1u << 31)));
        var shift = QuantizedArithmetic.SoftmaxSumIntegerBits - headroom + 31 - 8;
        for (var c = 0; c < classes; c++)
        {
            var difference = input[c] - largest;
            var share = FixedPoint.SaturatingRoundingDoublingHighMultiply(reciprocal, _exponentials[-difference]);
            var value = FixedPoint.RoundingDivideByPowerOfTwo(share, shift) + sbyte.MinValue;
            output[c] = difference < _smallestDifference ? sbyte.MinValue : (sbyte)Math.Clamp(value, sbyte.MinValue, sbyte.MaxValue);
        }
    }
}
