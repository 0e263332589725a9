using System.Runtime.Intrinsics;

namespace Kindling.Data.Augmentation;

/// <summary>Loops over interleaved three-channel values: three vectors of four hold four pixels, so each vector has fixed channels.</summary>
internal static class PeriodThree
{
    private const int Block = 12;

    /// <summary>values[i] = clip(values[i] * factors[c] + summands[c], low[c], high[c]) with c = i modulo 3.</summary>
    public static void Rescale(Span<float> values, ReadOnlySpan<float> factors, ReadOnlySpan<float> summands, ReadOnlySpan<float> low, ReadOnlySpan<float> high)
    {
        (Vector128<float> f0, Vector128<float> f1, Vector128<float> f2) = Repeat(factors);
        (Vector128<float> s0, Vector128<float> s1, Vector128<float> s2) = Repeat(summands);
        (Vector128<float> l0, Vector128<float> l1, Vector128<float> l2) = Repeat(low);
        (Vector128<float> h0, Vector128<float> h1, Vector128<float> h2) = Repeat(high);
        int i = 0;
        for (; i <= values.Length - Block; i += Block)
        {
            Span<float> block = values.Slice(i, Block);
            Vector128.Min(Vector128.Max((Vector128.Create<float>(block) * f0) + s0, l0), h0).CopyTo(block);
            Vector128.Min(Vector128.Max((Vector128.Create<float>(block[4..]) * f1) + s1, l1), h1).CopyTo(block[4..]);
            Vector128.Min(Vector128.Max((Vector128.Create<float>(block[8..]) * f2) + s2, l2), h2).CopyTo(block[8..]);
        }

        for (; i < values.Length; i++)
        {
            int c = i % 3;
            values[i] = Math.Min(Math.Max((values[i] * factors[c]) + summands[c], low[c]), high[c]);
        }
    }

    /// <summary>The sum of each channel.</summary>
    public static void Sum(ReadOnlySpan<float> values, Span<double> sums)
    {
        Vector128<float> v0 = default, v1 = default, v2 = default;
        int i = 0;
        for (; i <= values.Length - Block; i += Block)
        {
            ReadOnlySpan<float> block = values.Slice(i, Block);
            v0 += Vector128.Create(block);
            v1 += Vector128.Create(block[4..]);
            v2 += Vector128.Create(block[8..]);
        }

        // Lane k of vector v holds element 4 v + k of each block of 12.
        sums[0] = (double)v0[0] + v0[3] + v1[2] + v2[1];
        sums[1] = (double)v0[1] + v1[0] + v1[3] + v2[2];
        sums[2] = (double)v0[2] + v1[1] + v2[0] + v2[3];
        for (; i < values.Length; i++)
            sums[i % 3] += values[i];
    }

    private static (Vector128<float> A, Vector128<float> B, Vector128<float> C) Repeat(ReadOnlySpan<float> v) =>
        (Vector128.Create(v[0], v[1], v[2], v[0]), Vector128.Create(v[1], v[2], v[0], v[1]), Vector128.Create(v[2], v[0], v[1], v[2]));
}
