using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Kindling.Execution;

namespace Kindling.Training.Kernels;

/// <summary>For each chunk of pixels and channel: the sum of the gradient that passes the clipping, and of that times (x - mean).</summary>
internal sealed unsafe class BatchNormGradientSumsKernel(
    ChannelPattern layout, float min, float max, TensorView x, TensorView dy, TensorView table, TensorView partials) : Kernel
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
        var products = sums + length;
        var first = layout.First(chunk);
        var count = layout.First(chunk + 1) - first;
        var groups = count / length;
        var numbers = new BatchNormTable(table);
        for (var v = 0; v < length; v += ChannelPattern.Vector)
            Sum(first + v, groups, v, numbers, sums + v, products + v);
        var sum = partials.Floats + ((nint)chunk * 2 * channels);
        var product = sum + channels;
        BatchNormMomentsKernel.Fold(sums, sum, length, channels);
        BatchNormMomentsKernel.Fold(products, product, length, channels);
        for (var i = groups * length; i < count; i++)
        {
            var c = i % channels;
            var input = x.Floats[first + i];
            var value = MathF.FusedMultiplyAdd(input, numbers.Scale[c], numbers.Shift[c]);
            if (!(value > min && value < max))
                continue;
            sum[c] += dy.Floats[first + i];
            product[c] += dy.Floats[first + i] * (input - numbers.Mean[c]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Sum(nint offset, int count, int v, BatchNormTable numbers, float* sums, float* products)
    {
        var (low, high) = (Vector512.Create(min), Vector512.Create(max));
        var scale = Vector512.Load(numbers.Scale + v);
        var shift = Vector512.Load(numbers.Shift + v);
        var mean = Vector512.Load(numbers.Mean + v);
        Vector512<float> sumA = default, sumB = default, productA = default, productB = default;
        nint step = layout.Length;
        var input = x.Floats + offset;
        var gradient = dy.Floats + offset;
        var i = 0;
        for (; i <= count - 2; i += 2, input += 2 * step, gradient += 2 * step)
        {
            var xa = Vector512.Load(input);
            var xb = Vector512.Load(input + step);
            var za = Vector512.FusedMultiplyAdd(xa, scale, shift);
            var zb = Vector512.FusedMultiplyAdd(xb, scale, shift);
            var ga = Vector512.Load(gradient) & Vector512.GreaterThan(za, low) & Vector512.LessThan(za, high);
            var gb = Vector512.Load(gradient + step) & Vector512.GreaterThan(zb, low) & Vector512.LessThan(zb, high);
            sumA += ga;
            sumB += gb;
            productA = Vector512.FusedMultiplyAdd(ga, xa - mean, productA);
            productB = Vector512.FusedMultiplyAdd(gb, xb - mean, productB);
        }

        if (i < count)
        {
            var xa = Vector512.Load(input);
            var za = Vector512.FusedMultiplyAdd(xa, scale, shift);
            var ga = Vector512.Load(gradient) & Vector512.GreaterThan(za, low) & Vector512.LessThan(za, high);
            sumA += ga;
            productA = Vector512.FusedMultiplyAdd(ga, xa - mean, productA);
        }

        (sumA + sumB).Store(sums);
        (productA + productB).Store(products);
    }
}
