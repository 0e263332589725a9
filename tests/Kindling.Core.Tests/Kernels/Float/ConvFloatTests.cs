using Kindling.Execution;
using Kindling.Graphs.Operators;
using Kindling.Kernels.Float.Convolution;
using Kindling.Kernels.Float.Simd;
using Kindling.Numerics;
using Kindling.Tensors;

namespace Kindling.Tests.Kernels.Float;

public sealed class ConvFloatTests
{
    [Fact]
    public void Conv2D_reference_computes_what_a_hand_computes()
    {
        // 1 to 9 in a 3x3 image, kernel [[1, 2], [3, 4]], bias 10: the top left sum is 1*1 + 2*2 + 3*4 + 4*5 + 10.
        var image = Enumerable.Range(1, 9).Select(i => (float)i).ToArray();
        Assert.Equal([47, 57, 77, 87], Convolve(image, [1, 2, 3, 4], 10, new Conv2D(1, Padding.None, 1)));
        Assert.Equal([47], Convolve(image, [1, 2, 3, 4], 10, new Conv2D(2, Padding.None, 1)));
        // A row of zeros above and a column before: the first sum sees the image's 1 only, under the weight 4.
        Assert.Equal([14, 21, 28, 28, 47, 57, 46, 77, 87], Convolve(image, [1, 2, 3, 4], 10, new Conv2D(1, new Padding(1, 1, 0, 0), 1)));
        // Dilation 2: the corners 1, 3, 7 and 9.
        Assert.Equal([1 + 6 + 21 + 36], Convolve(image, [1, 2, 3, 4], 0, new Conv2D(1, Padding.None, 2)));
        Assert.Equal([0, 0, 3, 6], Convolve(image, [1, 2, 3, 4], -64, new Conv2D(1, Padding.None, 1, Activation.Relu6)));

        static float[] Convolve(float[] image, float[] kernel, float bias, Conv2D op)
        {
            using var harness = KernelHarness.Create(
                op, 1, default, [new Shape(1, 3, 3, 1)],
                [Tensor.From<float>(new Shape(1, 2, 2, 1), kernel), Tensor.From<float>(new Shape(1), [bias])]);
            for (var i = 0; i < image.Length; i++)
                KernelHarness.Element(harness.Inputs[0], i) = image[i];
            var result = harness.Reference();
            KernelHarness.AssertClose(result, harness.Fast(VectorWidths.Best), 0, "vector kernel");
            return result;
        }
    }

    [Fact]
    public void Conv2D_agrees_with_the_reference_on_random_shapes() => RandomCases.ForAll(150, random =>
    {
        var kernel = random.Size(1, 5);
        var dilation = random.Chance(0.25f) ? random.Size(1, 3) : 1;
        var inputs = random.Between(1, 40);
        var outputs = random.Between(1, 70);
        var op = new Conv2D(random.Size(1, 3), random.Padding(4), dilation, random.Activation());
        var least = Math.Max(((kernel.Height - 1) * dilation.Height) + 1, ((kernel.Width - 1) * dilation.Width) + 1);
        var shape = new Shape(1, random.Between(least, least + 9), random.Between(least, least + 17), inputs);
        Tensor[] constants =
        [
            KernelHarness.RandomTensor(random, outputs, kernel.Height, kernel.Width, inputs),
            .. random.Chance(0.8f) ? [KernelHarness.RandomTensor(random, outputs)] : Array.Empty<Tensor>(),
        ];
        using var harness = KernelHarness.Create(op, random.Between(1, 3), random, [shape], constants, inputGap: random.Chance(0.3f) ? 3 : 0);
        harness.CheckFast(1e-5f * kernel.Height * kernel.Width * inputs, slices: true);
    });

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(20)]
    [InlineData(24)]
    [InlineData(48)]
    [InlineData(1000)]
    public void Conv2D_handles_every_remainder_of_output_channels(int outputs)
    {
        var random = new RandomStream(outputs);
        using var harness = KernelHarness.Create(
            new Conv2D(1, Padding.None, 1), 2, random, [new Shape(1, 7, 7, 19)],
            [KernelHarness.RandomTensor(random, outputs, 1, 1, 19), KernelHarness.RandomTensor(random, outputs)]);
        harness.CheckFast(1e-5f * 19, slices: true);
    }

    [Fact]
    public void Dense_agrees_with_the_reference_on_random_shapes() => RandomCases.ForAll(100, random =>
    {
        var (inputs, outputs) = (random.Between(1, 300), random.Between(1, 70));
        using var harness = KernelHarness.Create(
            new Dense(random.Activation()), random.Between(1, 20), random, [new Shape(1, inputs)],
            [KernelHarness.RandomTensor(random, outputs, inputs), KernelHarness.RandomTensor(random, outputs)]);
        harness.CheckFast(1e-5f * inputs);
    });

    [Fact]
    public unsafe void Transposed_weights_give_the_gradient_of_the_input() => RandomCases.ForAll(50, random =>
    {
        var kernel = random.Size(1, 3);
        var (inputs, outputs) = (random.Between(1, 20), random.Between(1, 20));
        var padding = new Padding(
            random.Between(0, kernel.Height - 1), random.Between(0, kernel.Width - 1), random.Between(0, kernel.Height - 1), random.Between(0, kernel.Width - 1));
        var weights = KernelHarness.RandomTensor(random, outputs, kernel.Height, kernel.Width, inputs);
        using var forward = KernelHarness.Create(
            new Conv2D(1, padding, 1), 2, random, [new Shape(1, random.Between(3, 9), random.Between(3, 9), inputs)], [weights]);

        // <y', conv(x)> = <conv transposed(y'), x> for every x and y'.
        var x = forward.Inputs[0];
        var y = forward.Reference();
        using var gradient = KernelHarness.Create(
            new Clip(-1, 1), 2, random, [new Shape(1, forward.OutputShape.Height, forward.OutputShape.Width, outputs)]);
        var dy = gradient.Inputs[0];
        using var memory = new NativeBuffer(x.Shape.ElementCount * sizeof(float));
        var dx = new TensorView(memory.Address, ElementType.Float32, x.Shape, inputs, null);
        var back = new Padding(
            kernel.Height - 1 - padding.Top, kernel.Width - 1 - padding.Left, kernel.Height - 1 - padding.Bottom, kernel.Width - 1 - padding.Right);
        new Span<float>((void*)dx.Data, x.Shape.ElementCount).Fill(0.25f);
        using var kernelOfGradient = new ConvFloat(
            dy, dx, ConvWeights.Transposed(() => weights.AsSpan<float>(), weights.Shape), null, new ConvSettings(1, back, 1, Accumulate: true));
        kernelOfGradient.Prepare();
        using var pool = new WorkerPool(2);
        pool.Reserve(kernelOfGradient);
        pool.Run(kernelOfGradient);

        double ahead = 0;
        double behind = 0;
        for (var e = 0; e < y.Length; e++)
            ahead += (double)y[e] * KernelHarness.Element(dy, e);
        for (var e = 0; e < x.Shape.ElementCount; e++)
            behind += (double)(dx.Floats[e] - 0.25f) * KernelHarness.Element(x, e);
        Assert.Equal(ahead, behind, 1e-3);
    });
}
