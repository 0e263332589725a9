using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Numerics;
using Kindling.Tensors;

namespace Kindling.Deployment.Generation;

/// <summary>Biases and multipliers in the form the fast kernels take (<c>firmware/kernels/kindling_rounding.h</c>).</summary>
/// <param name="Constants">For each output channel twice the bias, with the input's zero point multiplied in, and the multiplier.</param>
/// <param name="Shifts">For each output channel bits to the right, less one.</param>
/// <param name="Kind">The fastest rounding that is exact for all channels.</param>
internal sealed record FastRounding(int[] Constants, int[] Shifts, string Kind)
{
    private const int LargestFastShift = 22;
    private const long LargestSum = 1L << 30;
    private const int ConstantShift = 20;

    /// <summary>The constants of a convolution, or null where a sum is out of the kernels' range.</summary>
    /// <param name="node">The convolution.</param>
    /// <param name="activation">What follows it.</param>
    /// <param name="filters">The weights of each output channel.</param>
    public static FastRounding? Create(Node node, Activation activation, IReadOnlyList<sbyte[]> filters)
    {
        var (input, weights, output) = (node.Inputs[0], node.Inputs[1], node.Output);
        if (input.Quantization is not { IsPerChannel: false } from || output.Quantization is not { IsPerChannel: false } to
            || weights.Quantization is not { } scales || input.Type != ElementType.Int8 || output.Type != ElementType.Int8)
            return null;
        var given = node.Inputs.ElementAtOrDefault(2);
        if (scales.ZeroPoints.Any(z => z != 0) || (scales.IsPerChannel && scales.Scales.Count != filters.Count) || given is { Type: not ElementType.Int32 })
            return null;
        var multipliers = QuantizedArithmetic.ConvolutionMultipliers(from, scales, to, filters.Count);
        var (lowest, highest) = QuantizedArithmetic.ActivationRange(activation, to);
        var bias = new int[filters.Count];
        for (var c = 0; c < bias.Length; c++)
        {
            var products = Reach(filters[c]);
            var folded = (given?.Constant!.AsSpan<int>()[c] ?? 0) - (from.ZeroPoint * filters[c].Sum(w => (long)w));
            var (least, most) = (folded + products.Least, folded + products.Most);
            if (least < int.MinValue || most > int.MaxValue)
                return null;
            var (low, high) = (Output((int)least, multipliers[c]), Output((int)most, multipliers[c]));
            var isConstant = low == high && multipliers[c].Shift <= 0;
            if (isConstant && low == Math.Clamp(to.ZeroPoint, lowest, highest))
                (folded, multipliers[c]) = (0, new QuantizedMultiplier(0, -1));
            else if (isConstant && Math.Max(-products.Least, products.Most) < 1L << ConstantShift)
                (folded, multipliers[c]) = ((low - to.ZeroPoint) * (2L << ConstantShift), new QuantizedMultiplier(1 << 30, -ConstantShift));
            else if (Math.Max(-least, most) >= LargestSum || Math.Abs(folded) >= LargestSum)
                return null;
            bias[c] = (int)folded;
        }

        var shifts = multipliers.Select(m => -m.Shift - 1).ToArray();
        var kind = shifts.Any(s => s is < 0 or > LargestFastShift) ? "ANY" : lowest >= to.ZeroPoint ? "RELU" : "FULL";
        return new FastRounding([.. bias.Zip(multipliers).SelectMany(p => new[] { 2 * p.First, p.Second.Multiplier })], shifts, $"KINDLING_ROUND_{kind}");

        int Output(int sum, QuantizedMultiplier multiplier) => (int)Math.Clamp((long)multiplier.Apply(sum) + to.ZeroPoint, lowest, highest);
    }

    // Smallest and largest sum of products with int8 inputs; without an input the sum is 0.
    private static (long Least, long Most) Reach(sbyte[] filter)
    {
        var (least, most) = (0L, 0L);
        foreach (var w in filter)
        {
            least += w > 0 ? -128 * w : 127 * w;
            most += w > 0 ? 127 * w : -128 * w;
        }

        return (least, most);
    }
}
