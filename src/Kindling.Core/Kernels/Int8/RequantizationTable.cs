using Kindling.Execution;
using Kindling.Numerics;

namespace Kindling.Kernels.Int8;

/// <summary>Factors and shifts of all output channels, side by side and padded for vector loads. The memory belongs to a <see cref="NativeBuffer"/>.</summary>
internal readonly unsafe struct RequantizationTable
{
    private const long MostSum = 1L << 30;
    private const int MostShift = 22;

    private RequantizationTable(NativeBuffer buffer, int padded, ReadOnlySpan<Requantizer> factors, int zeroPoint, int min, int max, long largestSum)
    {
        Bias = (int*)buffer.Bytes;
        Multipliers = Bias + padded;
        LeftShifts = Multipliers + padded;
        RightShifts = LeftShifts + padded;
        Nudges = RightShifts + padded;
        ZeroPoint = zeroPoint;
        Min = min;
        Max = max;
        IsRoundedInOneStep = largestSum < MostSum;
        IsAtLeastZeroPoint = min >= zeroPoint;
        IsSinglePrecision = factors[0].Arithmetic == Int8Arithmetic.Xnnpack;
        for (var c = 0; c < factors.Length; c++)
        {
            var multiplier = factors[c].Multiplier;
            Multipliers[c] = IsSinglePrecision ? BitConverter.SingleToInt32Bits(factors[c].Scale) : multiplier.Multiplier;
            LeftShifts[c] = Math.Max(0, multiplier.Shift);
            var shift = RightShifts[c] = Math.Max(0, -multiplier.Shift);
            IsRoundedInOneStep &= LeftShifts[c] == 0 && shift is > 0 and <= MostShift;
            Nudges[c] = shift is > 0 and <= MostShift ? (1 << (shift - 1)) + (ZeroPoint << shift) : 0;
        }
    }

    /// <summary>Seeds of the sums.</summary>
    public int* Bias { get; }

    /// <summary>Q31 factors; the bits of single-precision ones when <see cref="IsSinglePrecision"/>.</summary>
    public int* Multipliers { get; }

    /// <summary>Bits to the left before the product.</summary>
    public int* LeftShifts { get; }

    /// <summary>Bits to the right after the product.</summary>
    public int* RightShifts { get; }

    /// <summary>Half a step of the right shift, and the zero point, before the shift.</summary>
    public int* Nudges { get; }

    /// <summary>
    /// True when every sum stays below 2^30 and every channel shifts right by 1 to 22 bits. Then <c>(p + nudge - (p &lt; 0 ? 1 : 0)) >> shift</c>
    /// is the product rounded half away from zero plus the zero point, and cannot overflow.
    /// </summary>
    public bool IsRoundedInOneStep { get; }

    /// <summary>
    /// True when a range (that of a ReLU) begins at the zero point or above. It does not matter then which way half a negative product is rounded: either
    /// way it ends at <see cref="Min"/>.
    /// </summary>
    public bool IsAtLeastZeroPoint { get; }

    /// <summary>True for XNNPACK's factors, without shifts.</summary>
    public bool IsSinglePrecision { get; }

    /// <summary>Added to every output.</summary>
    public int ZeroPoint { get; }

    /// <summary>Smallest output.</summary>
    public int Min { get; }

    /// <summary>Largest output.</summary>
    public int Max { get; }

    /// <summary>Lays the table of a layer out in <paramref name="buffer"/>, which takes <see cref="BytesFor"/> bytes.</summary>
    public static RequantizationTable Create(NativeBuffer buffer, int padded, ConvolutionParameters parameters)
    {
        parameters.Bias.CopyTo(new Span<int>(buffer.Bytes, padded));
        return new(buffer, padded, parameters.Factors, parameters.OutputZeroPoint, parameters.Min, parameters.Max, parameters.LargestSum);
    }

    /// <summary>The table of an operator with one factor for all channels and no bias.</summary>
    public static RequantizationTable Create(NativeBuffer buffer, int padded, int channels, Requantizer factor, int zeroPoint, long largestSum) =>
        new(buffer, padded, [.. Enumerable.Repeat(factor, channels)], zeroPoint, sbyte.MinValue, sbyte.MaxValue, largestSum);

    /// <summary>Seeds for sums whose inputs were raised by 128 (or not) instead of freed of their zero point. They wrap around as the sums do.</summary>
    /// <param name="parameters">The layer's.</param>
    /// <param name="weights">All weights, <c>[output channels, taps]</c>.</param>
    /// <param name="shift">What was added to the inputs.</param>
    public void ShiftBias(ConvolutionParameters parameters, ReadOnlySpan<sbyte> weights, int shift = 128)
    {
        var taps = weights.Length / parameters.Bias.Length;
        for (var channel = 0; channel < parameters.Bias.Length; channel++)
        {
            var sum = 0;
            foreach (var w in weights.Slice(channel * taps, taps))
                sum += w;
            Bias[channel] = parameters.Bias[channel] - ((parameters.InputZeroPoint + shift) * sum);
        }
    }

    /// <summary>Bytes a table of <paramref name="padded"/> channels takes.</summary>
    public static long BytesFor(int padded) => 5L * sizeof(int) * padded;
}
