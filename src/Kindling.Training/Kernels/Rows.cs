using System.Numerics;

namespace Kindling.Training.Kernels;

/// <summary>Arithmetic on rows of floats.</summary>
internal static class Rows
{
    /// <summary>target = a + b.</summary>
    public static void Add(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> target)
    {
        var i = 0;
        for (; i <= target.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(a[i..]) + new Vector<float>(b[i..])).CopyTo(target[i..]);
        for (; i < target.Length; i++)
            target[i] = a[i] + b[i];
    }

    /// <summary>target = a * b.</summary>
    public static void Multiply(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> target)
    {
        var i = 0;
        for (; i <= target.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(a[i..]) * new Vector<float>(b[i..])).CopyTo(target[i..]);
        for (; i < target.Length; i++)
            target[i] = a[i] * b[i];
    }

    /// <summary>target = a * factor.</summary>
    public static void Multiply(ReadOnlySpan<float> a, float factor, Span<float> target)
    {
        var i = 0;
        for (; i <= target.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(a[i..]) * factor).CopyTo(target[i..]);
        for (; i < target.Length; i++)
            target[i] = a[i] * factor;
    }

    /// <summary>target += a * b.</summary>
    public static void AddProduct(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> target)
    {
        var i = 0;
        for (; i <= target.Length - Vector<float>.Count; i += Vector<float>.Count)
            ((new Vector<float>(a[i..]) * new Vector<float>(b[i..])) + new Vector<float>(target[i..])).CopyTo(target[i..]);
        for (; i < target.Length; i++)
            target[i] += a[i] * b[i];
    }

    /// <summary>target += a * factor.</summary>
    public static void AddProduct(ReadOnlySpan<float> a, float factor, Span<float> target)
    {
        var i = 0;
        for (; i <= target.Length - Vector<float>.Count; i += Vector<float>.Count)
            ((new Vector<float>(a[i..]) * factor) + new Vector<float>(target[i..])).CopyTo(target[i..]);
        for (; i < target.Length; i++)
            target[i] += a[i] * factor;
    }

    /// <summary>The sum of a * b.</summary>
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        float sum = 0;
        for (var i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }
}
