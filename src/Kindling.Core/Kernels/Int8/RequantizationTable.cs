using Kindling.Execution;
using Kindling.Numerics;

namespace Kindling.Kernels.Int8;

/// <summary>Factors and shifts of all output channels, side by side and padded for vector loads. The memory belongs to a <see cref="NativeBuffer"/>.</summary>
internal readonly unsafe struct RequantizationTable
{
    private RequantizationTable(NativeBuffer buffer, int padded, ConvolutionParameters parameters)
    {
        Bias = (int*)buffer.Bytes;
        Multipliers = Bias + padded;
        LeftShifts = Multipliers + padded;
        RightShifts = LeftShifts + padded;
        ZeroPoint = parameters.OutputZeroPoint;
        Min = parameters.Min;
        Max = parameters.Max;
        IsSinglePrecision = parameters.Arithmetic == Int8Arithmetic.Xnnpack;
        for (var c = 0; c < parameters.Bias.Length; c++)
        {
            Bias[c] = parameters.Bias[c];
            var multiplier = parameters.Factors[c].Multiplier;
            Multipliers[c] = IsSinglePrecision ? BitConverter.SingleToInt32Bits(parameters.Factors[c].Scale) : multiplier.Multiplier;
            LeftShifts[c] = Math.Max(0, multiplier.Shift);
            RightShifts[c] = Math.Max(0, -multiplier.Shift);
            ShiftsLeft |= LeftShifts[c] > 0;
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

    /// <summary>True when any channel shifts left.</summary>
    public bool ShiftsLeft { get; }

    /// <summary>True for XNNPACK's factors, without shifts.</summary>
    public bool IsSinglePrecision { get; }

    /// <summary>Added to every output.</summary>
    public int ZeroPoint { get; }

    /// <summary>Smallest output.</summary>
    public int Min { get; }

    /// <summary>Largest output.</summary>
    public int Max { get; }

    /// <summary>Lays the table out in <paramref name="buffer"/>, which takes <c>16 * padded</c> bytes.</summary>
    public static RequantizationTable Create(NativeBuffer buffer, int padded, ConvolutionParameters parameters) => new(buffer, padded, parameters);

    /// <summary>Bytes a table of <paramref name="padded"/> channels takes.</summary>
    public static long BytesFor(int padded) => 4L * sizeof(int) * padded;
}
