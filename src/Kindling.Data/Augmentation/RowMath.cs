using System.Numerics;

namespace Kindling.Data.Augmentation;

/// <summary>Sums of weighted rows.</summary>
internal static class RowMath
{
    /// <summary>sum = weight * source, added to what is there unless it is the first.</summary>
    public static void Accumulate(ReadOnlySpan<float> source, float weight, Span<float> sum, bool isFirst)
    {
        sum = sum[..source.Length];
        var weights = new Vector<float>(weight);
        int i = 0;
        for (; i <= source.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> product = new Vector<float>(source[i..]) * weights;
            (isFirst ? product : new Vector<float>(sum[i..]) + product).CopyTo(sum[i..]);
        }

        for (; i < source.Length; i++)
        {
            float product = source[i] * weight;
            sum[i] = isFirst ? product : sum[i] + product;
        }
    }
}
