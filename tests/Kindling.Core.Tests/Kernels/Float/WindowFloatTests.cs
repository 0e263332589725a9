using Kindling.Graphs.Operators;
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
}
