using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Kindling.Execution;

namespace Kindling.Training.Kernels;

/// <summary>For each chunk of pixels and channel: the mean and the sum of squared distances from it, the second on data still in the cache.</summary>
internal sealed unsafe class BatchNormMomentsKernel(ChannelPattern layout, TensorView x, TensorView partials) : Kernel
{
    /// <inheritdoc/>
    public override int Chunks => layout.Chunks;

    /// <inheritdoc/>
    public override int ScratchBytes => 2 * layout.Length * sizeof(float);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(int chunk, byte* scratch)
    {
        var (length, channels) = (layout.Length, layout.Channels);
        var sums = (float*)scratch;
        var means = sums + length;
        var first = layout.First(chunk);
        var count = layout.First(chunk + 1) - first;
        var data = x.Floats + first;
        var groups = count / length;
        var pixels = count / channels;
        var mean = partials.Floats + ((nint)chunk * 2 * channels);
        var squares = mean + channels;

        for (var v = 0; v < length; v += ChannelPattern.Vector)
            Sum(data + v, length, groups).Store(sums + v);
        Fold(sums, mean, length, channels);
        for (var i = groups * length; i < count; i++)
            mean[i % channels] += data[i];
        for (var c = 0; c < channels; c++)
            mean[c] /= pixels;

        for (var i = 0; i < length; i++)
            means[i] = mean[i % channels];
        for (var v = 0; v < length; v += ChannelPattern.Vector)
            SumOfSquares(data + v, length, groups, Vector512.Load(means + v)).Store(sums + v);
        Fold(sums, squares, length, channels);
        for (var i = groups * length; i < count; i++)
            squares[i % channels] += (data[i] - mean[i % channels]) * (data[i] - mean[i % channels]);
    }

    /// <summary>Adds up the places of each channel.</summary>
    internal static void Fold(float* pattern, float* target, int length, int channels)
    {
        for (var c = 0; c < channels; c++)
        {
            float sum = 0;
            for (var i = c; i < length; i += channels)
                sum += pattern[i];
            target[c] = sum;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector512<float> Sum(float* data, nint step, int count)
    {
        Vector512<float> a = default, b = default, c = default, d = default;
        var i = 0;
        for (; i <= count - 4; i += 4, data += 4 * step)
        {
            a += Vector512.Load(data);
            b += Vector512.Load(data + step);
            c += Vector512.Load(data + (2 * step));
            d += Vector512.Load(data + (3 * step));
        }

        for (; i < count; i++, data += step)
            a += Vector512.Load(data);
        return a + b + (c + d);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector512<float> SumOfSquares(float* data, nint step, int count, Vector512<float> mean)
    {
        Vector512<float> a = default, b = default, c = default, d = default;
        var i = 0;
        for (; i <= count - 4; i += 4, data += 4 * step)
        {
            var da = Vector512.Load(data) - mean;
            var db = Vector512.Load(data + step) - mean;
            var dc = Vector512.Load(data + (2 * step)) - mean;
            var dd = Vector512.Load(data + (3 * step)) - mean;
            a = Vector512.FusedMultiplyAdd(da, da, a);
            b = Vector512.FusedMultiplyAdd(db, db, b);
            c = Vector512.FusedMultiplyAdd(dc, dc, c);
            d = Vector512.FusedMultiplyAdd(dd, dd, d);
        }

        for (; i < count; i++, data += step)
        {
            var da = Vector512.Load(data) - mean;
            a = Vector512.FusedMultiplyAdd(da, da, a);
        }

        return a + b + (c + d);
    }
}
