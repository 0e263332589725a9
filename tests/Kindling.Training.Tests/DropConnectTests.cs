using Kindling.Execution;
using Kindling.Graphs.Operators;
using Kindling.Tensors;
using Kindling.Training.Kernels;
using Kindling.Training.Planning;

namespace Kindling.Training.Tests;

public sealed class DropConnectTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(20_001)]
    public void A_sample_is_kept_whole_and_scaled_or_dropped_whole(int elements)
    {
        const int samples = 200;
        const float rate = 0.25f;
        var masks = Enumerable.Range(0, 2).Select(step => Mask(samples, elements, rate, step)).ToList();
        foreach (var mask in masks)
        {
            var first = Enumerable.Range(0, samples).Select(n => mask[n * elements]).ToList();
            Assert.All(first, v => Assert.True(v is 0 or 1 / (1 - rate)));
            Assert.All(Enumerable.Range(0, samples), n => Assert.Equal(-1, mask.AsSpan(n * elements, elements).IndexOfAnyExcept(first[n])));
            Assert.InRange(first.Count(v => v == 0), 25, 75);
        }

        Assert.NotEqual(masks[0], masks[1]);
    }

    private static unsafe float[] Mask(int samples, int elements, float rate, int step)
    {
        using var ones = new NativeBuffer((long)samples * elements * sizeof(float));
        new Span<float>(ones.Floats, samples * elements).Fill(1);
        var view = new TensorView(ones.Address, ElementType.Float32, new Shape(samples, 1, 1, elements), elements, null);
        var kernel = new DropoutKernel("branch", new Dropout(rate, PerSample: true), new StepState { Seed = 4, Step = step }, view, view);
        for (var chunk = 0; chunk < kernel.Chunks; chunk++)
            kernel.Run(chunk, null);
        return new Span<float>(ones.Floats, samples * elements).ToArray();
    }
}
