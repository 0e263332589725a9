using Kindling.Tensors;

namespace Kindling.Kernels.Int8;

/// <summary>
/// The weight transform of F(4x4, 3x3) in whole numbers: <c>U = G w Gᵀ</c> with the rows of G times 4, -6, -6, 24, 24 and 1. The output transform
/// makes up for it, so that everything comes out 576 times too large, exactly, modulo 2^32.
/// </summary>
internal static class WinogradWeights
{
    /// <summary>The outputs come out this many times too large: 64 times 9.</summary>
    public const int Factor = 576;

    /// <summary>The inverse of 9 modulo 2^32: multiplying by it divides multiples of 9 exactly, whatever was carried away.</summary>
    public const int InverseOfNine = unchecked((int)954437177u);

    /// <summary>Bits that are left to shift out after the division by 9.</summary>
    public const int Shift = 6;

    private const int Taps = 3;
    private static readonly int[,] G = { { 1, 0, 0 }, { 1, 1, 1 }, { 1, -1, 1 }, { 1, 2, 4 }, { 1, -2, 4 }, { 0, 0, 1 } };

    /// <summary>True when every sum a window of these weights can have, times 64, fits into 32 bits.</summary>
    /// <param name="weights"><c>[O, 3, 3, I]</c>.</param>
    /// <param name="inputZeroPoint">Zero point of the int8 input.</param>
    public static bool AreExact(Tensor weights, int inputZeroPoint)
    {
        var (low, high) = (sbyte.MinValue - inputZeroPoint, sbyte.MaxValue - inputZeroPoint);
        var elements = weights.AsSpan<sbyte>();
        var filter = elements.Length / weights.Shape[0];
        for (var o = 0; o < weights.Shape[0]; o++)
        {
            long positive = 0, negative = 0;
            foreach (var w in elements.Slice(o * filter, filter))
            {
                if (w > 0)
                    positive += w;
                else
                    negative += w;
            }

            var largest = (positive * high) + (negative * low);
            var smallest = (positive * low) + (negative * high);
            if (largest >= 1 << (31 - Shift) || smallest < -(1 << (31 - Shift)))
                return false;
        }

        return true;
    }

    /// <summary>Element <paramref name="row"/>, <paramref name="column"/> of the 6x6 transform of one channel of one filter; at most 49 * 128.</summary>
    public static short Transformed(ReadOnlySpan<sbyte> filter, int channels, int channel, int row, int column)
    {
        var sum = 0;
        for (var y = 0; y < Taps; y++)
        {
            for (var x = 0; x < Taps; x++)
                sum += G[row, y] * G[column, x] * filter[(((y * Taps) + x) * channels) + channel];
        }

        return (short)sum;
    }
}
