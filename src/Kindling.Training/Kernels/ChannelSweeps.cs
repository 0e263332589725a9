using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Kindling.Training.Kernels;

/// <summary>
/// Passes over the gapless pixels of one image with one number a channel, which is repeated to the length of the <see cref="ChannelPattern"/>. Counts are in
/// floats.
/// </summary>
internal static unsafe class ChannelSweeps
{
    /// <summary>Repeats numbers a channel, times a factor, to whole vectors.</summary>
    public static void Repeat(float* values, int channels, float factor, float* row, int length)
    {
        for (var i = 0; i < length; i++)
            row[i] = values[i % channels] * factor;
    }

    /// <summary>y = x row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(float* x, float* row, float* y, int count, int length)
    {
        var i = 0;
        for (; i <= count - length; i += length)
        {
            for (var v = 0; v < length; v += 16)
                (Vector512.Load(x + i + v) * Vector512.Load(row + v)).Store(y + i + v);
        }

        for (var v = 0; i < count; i++, v++)
            y[i] = x[i] * row[v];
    }

    /// <summary>y = row, or y += row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(float* row, float* y, int count, int length, bool adds)
    {
        var i = 0;
        for (; i <= count - length; i += length)
        {
            for (var v = 0; v < length; v += 16)
            {
                var value = Vector512.Load(row + v);
                (adds ? value + Vector512.Load(y + i + v) : value).Store(y + i + v);
            }
        }

        for (var v = 0; i < count; i++, v++)
            y[i] = adds ? y[i] + row[v] : row[v];
    }

    /// <summary>The gradients of x row: dx = dy row, or dx += dy row, and sums += dy x, which are repeated like the row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplyGradient(float* x, float* dy, float* row, float* dx, float* sums, int count, int length, bool adds)
    {
        var i = 0;
        for (; i <= count - length; i += length)
        {
            for (var v = 0; v < length; v += 16)
            {
                var gradient = Vector512.Load(dy + i + v);
                Vector512.FusedMultiplyAdd(gradient, Vector512.Load(x + i + v), Vector512.Load(sums + v)).Store(sums + v);
                var seed = adds ? Vector512.Load(dx + i + v) : Vector512<float>.Zero;
                Vector512.FusedMultiplyAdd(gradient, Vector512.Load(row + v), seed).Store(dx + i + v);
            }
        }

        for (var v = 0; i < count; i++, v++)
        {
            sums[v] = MathF.FusedMultiplyAdd(dy[i], x[i], sums[v]);
            dx[i] = MathF.FusedMultiplyAdd(dy[i], row[v], adds ? dx[i] : 0);
        }
    }
}
