using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kindling.Quantization;

/// <summary>Arithmetic on rows of floats in vectors; sums run in a fixed order.</summary>
internal static class Rows
{
    /// <summary>The sum, first to last.</summary>
    public static double Sum(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (var value in values)
            sum += value;
        return sum;
    }

    /// <summary>Raises each element of <paramref name="most"/> to the magnitude of the other row's where that is larger.</summary>
    public static void MaxMagnitude(ReadOnlySpan<float> row, Span<float> most)
    {
        var i = 0;
        for (; i <= row.Length - Vector<float>.Count; i += Vector<float>.Count)
            Vector.Max(Vector.Abs(new Vector<float>(row[i..])), new Vector<float>(most[i..])).CopyTo(most[i..]);
        for (; i < row.Length; i++)
            most[i] = MathF.Max(most[i], MathF.Abs(row[i]));
    }

    /// <summary>Adds one row to another.</summary>
    public static void Add(ReadOnlySpan<float> row, Span<float> sum)
    {
        var i = 0;
        for (; i <= row.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(sum[i..]) + new Vector<float>(row[i..])).CopyTo(sum[i..]);
        for (; i < row.Length; i++)
            sum[i] += row[i];
    }

    /// <summary>sum += factor * row.</summary>
    public static void AddScaled(float factor, ReadOnlySpan<float> row, Span<float> sum)
    {
        var i = 0;
        var f = new Vector<float>(factor);
        for (; i <= row.Length - Vector<float>.Count; i += Vector<float>.Count)
            Vector.FusedMultiplyAdd(f, new Vector<float>(row[i..]), new Vector<float>(sum[i..])).CopyTo(sum[i..]);
        for (; i < row.Length; i++)
            sum[i] = MathF.FusedMultiplyAdd(factor, row[i], sum[i]);
    }

    /// <summary>sum += a * b, element by element.</summary>
    public static void AddProduct(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> sum)
    {
        var i = 0;
        for (; i <= a.Length - Vector<float>.Count; i += Vector<float>.Count)
            Vector.FusedMultiplyAdd(new Vector<float>(a[i..]), new Vector<float>(b[i..]), new Vector<float>(sum[i..])).CopyTo(sum[i..]);
        for (; i < a.Length; i++)
            sum[i] = MathF.FusedMultiplyAdd(a[i], b[i], sum[i]);
    }

    /// <summary>8-bit values as the real numbers they stand for.</summary>
    /// <param name="values">int8.</param>
    /// <param name="scale">The step.</param>
    /// <param name="zeroPoint">The value that stands for zero; a fraction where the exact place is known.</param>
    /// <param name="reals">Receives the numbers.</param>
    public static void Dequantize(ReadOnlySpan<sbyte> values, float scale, double zeroPoint, Span<float> reals)
    {
        Span<float> table = stackalloc float[256];
        for (var v = 0; v < 256; v++)
            table[v] = (float)((v - 128 - zeroPoint) * scale);
        ref var first = ref MemoryMarshal.GetReference(table);
        for (var i = 0; i < values.Length; i++)
            reals[i] = Unsafe.Add(ref first, values[i] + 128);
    }
}
