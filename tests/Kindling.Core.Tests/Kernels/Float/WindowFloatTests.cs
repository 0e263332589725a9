using Kindling.Execution;
using Kindling.Graphs.Operators;
using Kindling.Kernels.Float;
using Kindling.Kernels.Float.Convolution;
using Kindling.Tensors;

namespace Kindling.Tests.Kernels.Float;

public sealed class WindowFloatTests
{
    [Fact]
    public void DepthwiseConv2D_agrees_with_the_reference_on_random_shapes() => RandomCases.ForAll(150, random =>
    {
        var kernel = random.Chance(0.5f) ? 3 : random.Size(1, 5);
        var dilation = random.Chance(0.25f) ? random.Size(1, 3) : 1;
        var channels = random.Between(1, 50);
        var op = new DepthwiseConv2D(random.Size(1, 3), random.Padding(4), dilation, random.Activation());
        var least = Math.Max(((kernel.Height - 1) * dilation.Height) + 1, ((kernel.Width - 1) * dilation.Width) + 1);
        var shape = new Shape(1, random.Between(least, least + 9), random.Between(least, least + 20), channels);
        Tensor[] constants =
        [
            KernelHarness.RandomTensor(random, kernel.Height, kernel.Width, channels),
            .. random.Chance(0.8f) ? [KernelHarness.RandomTensor(random, channels)] : Array.Empty<Tensor>(),
        ];
        using var harness = KernelHarness.Create(op, random.Between(1, 3), random, [shape], constants, inputGap: random.Chance(0.3f) ? 3 : 0);
        harness.CheckFast(1e-5f * kernel.Height * kernel.Width, slices: true);
    });

    [Fact]
    public void MaxPool2D_agrees_with_the_reference_to_the_bit() => RandomCases.ForAll(100, random =>
    {
        var kernel = random.Size(1, 4);
        var padding = new Padding(
            random.Between(0, kernel.Height - 1), random.Between(0, kernel.Width - 1), random.Between(0, kernel.Height - 1), random.Between(0, kernel.Width - 1));
        var op = new MaxPool2D(kernel, random.Size(1, 3), padding, random.Activation());
        var shape = new Shape(1, random.Between(4, 14), random.Between(4, 14), random.Between(1, 100));
        using var harness = KernelHarness.Create(op, random.Between(1, 3), random, [shape], inputGap: random.Chance(0.3f) ? 3 : 0);
        harness.CheckFast(0, slices: true);
    });

    [Fact]
    public void AveragePool2D_agrees_with_the_reference_on_random_shapes() => RandomCases.ForAll(100, random =>
    {
        var kernel = random.Size(1, 4);
        var padding = new Padding(
            random.Between(0, kernel.Height - 1), random.Between(0, kernel.Width - 1), random.Between(0, kernel.Height - 1), random.Between(0, kernel.Width - 1));
        var op = new AveragePool2D(kernel, random.Size(1, 3), padding, random.Chance(0.5f), random.Activation());
        var shape = new Shape(1, random.Between(4, 14), random.Between(4, 14), random.Between(1, 100));
        using var harness = KernelHarness.Create(op, random.Between(1, 3), random, [shape]);
        harness.CheckFast(1e-6f);
    });

    [Fact]
    public void GlobalAveragePool_agrees_with_the_reference_on_random_shapes() => RandomCases.ForAll(100, random =>
    {
        var op = new GlobalAveragePool(random.Chance(0.5f));
        var shape = new Shape(1, random.Between(1, 20), random.Between(1, 20), random.Between(1, 600));
        using var harness = KernelHarness.Create(op, random.Between(1, 3), random, [shape]);
        harness.CheckFast(1e-5f);
    });

    [Fact]
    public void Pad_agrees_with_the_reference_to_the_bit() => RandomCases.ForAll(100, random =>
    {
        var shape = new Shape(1, random.Between(1, 9), random.Between(1, 9), random.Between(1, 30));
        using var harness = KernelHarness.Create(new Pad(random.Padding(5)), random.Between(1, 3), random, [shape]);
        harness.CheckFast(0);
    });

    [Fact]
    public unsafe void A_flipped_window_gives_the_gradient_of_the_input() => RandomCases.ForAll(50, random =>
    {
        var kernel = random.Size(1, 5);
        var channels = random.Between(1, 40);
        var padding = new Padding(
            random.Between(0, kernel.Height - 1), random.Between(0, kernel.Width - 1), random.Between(0, kernel.Height - 1), random.Between(0, kernel.Width - 1));
        var weights = KernelHarness.RandomTensor(random, kernel.Height, kernel.Width, channels);
        using var forward = KernelHarness.Create(
            new DepthwiseConv2D(1, padding, 1), 2, random, [new Shape(1, random.Between(5, 24), random.Between(5, 24), channels)], [weights]);
        var x = forward.Inputs[0];
        var y = forward.Reference();
        using var gradient = KernelHarness.Create(
            new Clip(-1, 1), 2, random, [new Shape(1, forward.OutputShape.Height, forward.OutputShape.Width, channels)]);
        var dy = gradient.Inputs[0];
        using var memory = new NativeBuffer(x.Shape.ElementCount * sizeof(float));
        var dx = new TensorView(memory.Address, ElementType.Float32, x.Shape, channels, null);
        new Span<float>((void*)dx.Data, x.Shape.ElementCount).Fill(0.25f);
        var back = new Padding(
            kernel.Height - 1 - padding.Top, kernel.Width - 1 - padding.Left, kernel.Height - 1 - padding.Bottom, kernel.Width - 1 - padding.Right);
        using var transposed = new DepthwiseFloat(
            dy, dx, kernel, () => weights.AsSpan<float>(), null, new ConvSettings(1, back, 1, Accumulate: true), isFlipped: true);
        transposed.Prepare();
        for (var chunk = 0; chunk < transposed.Chunks; chunk++)
            transposed.Run(chunk, null);

        // <y', conv(x)> = <transposed(y'), x>.
        var ahead = y.Select((value, e) => (double)value * KernelHarness.Element(dy, e)).Sum();
        double behind = 0;
        for (var e = 0; e < x.Shape.ElementCount; e++)
            behind += (double)(dx.Floats[e] - 0.25f) * KernelHarness.Element(x, e);
        Assert.Equal(ahead, behind, 1e-2);
    });
}
