using System.Runtime.InteropServices;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Deployment.Generation;

/// <summary>The weights of a convolution as <c>kindling_conv2d_s8</c> reads them: two output channels in an int16.</summary>
/// <param name="Pairs">For every two output channels, tap by tap, 256 times the odd one's weight plus the even one's; a 0 behind an odd number of taps.</param>
/// <param name="Last">The weights of the last channel when their number is odd.</param>
/// <param name="Taps">Weights of an output channel.</param>
/// <param name="Rounding">Biases and multipliers.</param>
internal sealed record PackedConvolution(int[] Pairs, int[] Last, int Taps, FastRounding Rounding)
{
    private const int Windows = 4;
    private const long LargestPackedSum = 1L << 23;

    /// <summary>Bytes of the arena for the values under four windows.</summary>
    public long ScratchBytes => (Taps + 1) / 2 * Windows * sizeof(uint);

    /// <summary>Bytes the weights take: one each, and the 0 behind an odd number of taps.</summary>
    public long WeightBytes => (2L * Pairs.Length) + Last.Length;

    /// <summary>The layout of a convolution with constant int8 weights, or null where the packed kernel would not be exact.</summary>
    public static PackedConvolution? Create(Node node, Conv2D conv)
    {
        var weights = node.Inputs[1];
        if (!weights.IsConstant || weights.Type != ElementType.Int8 || weights.Shape.Rank != 4)
            return null;
        var (channels, taps) = (weights.Shape[0], (int)(weights.Shape.ElementCount / weights.Shape[0]));
        var isFours = weights.Shape[3] % 4 == 0;
        var bytes = MemoryMarshal.Cast<byte, sbyte>(weights.Constant!.Bytes);
        var filters = new sbyte[channels][];
        for (var c = 0; c < channels; c++)
        {
            filters[c] = bytes.Slice(c * taps, taps).ToArray();
            if (isFours)
                SwapMiddles(filters[c]);
        }

        if (FastRounding.Create(node, conv.Activation, filters) is not { } rounding || Pack(filters, taps) is not { } pairs)
            return null;
        int[] last = channels % 2 == 1 ? [.. filters[^1].Select(w => (int)w)] : [];
        return new PackedConvolution(pairs, last, taps, rounding);
    }

    // The kernel widens four neighbours as bytes 0 and 2, then 1 and 3.
    private static void SwapMiddles(sbyte[] filter)
    {
        for (var i = 0; i < filter.Length; i += 4)
            (filter[i + 1], filter[i + 2]) = (filter[i + 2], filter[i + 1]);
    }

    private static int[]? Pack(sbyte[][] filters, int taps)
    {
        var pairs = new int[(filters.Length / 2 * taps) + (filters.Length > 1 ? taps % 2 : 0)];
        for (var channel = 0; channel + 1 < filters.Length; channel += 2)
        {
            var (even, odd) = (filters[channel], filters[channel + 1]);
            // The odd channel's sum is recovered from bits 8 to 31.
            if (128L * odd.Sum(w => Math.Abs((int)w)) >= LargestPackedSum)
                return null;
            for (var i = 0; i < taps; i++)
            {
                var both = (256 * odd[i]) + even[i];
                if (both is < short.MinValue or > short.MaxValue)
                    return null;
                pairs[(channel / 2 * taps) + i] = both;
            }
        }

        return pairs;
    }
}
