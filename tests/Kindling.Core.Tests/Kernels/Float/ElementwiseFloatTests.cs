using Kindling.Graphs.Operators;
using Kindling.Numerics;
using Kindling.Tensors;

namespace Kindling.Tests.Kernels.Float;

public sealed class ElementwiseFloatTests
{
    [Fact]
    public void Add_and_Multiply_of_equal_shapes_agree_with_the_reference_also_over_either_operand() => RandomCases.ForAll(100, random =>
    {
        var shape = Image(ref random);
        Operator op = random.Chance(0.5f) ? new Add(random.Activation()) : new Multiply(random.Activation());
        using var harness = KernelHarness.Create(op, random.Between(1, 3), random, [shape, shape]);
        harness.CheckFast(0, false, 0, 1);
    });

    [Fact]
    public void Add_and_Multiply_repeat_one_value_a_channel() => RandomCases.ForAll(100, random =>
    {
        var shape = Image(ref random);
        Operator op = random.Chance(0.5f) ? new Add(random.Activation()) : new Multiply(random.Activation());
        using var harness = random.Chance(0.5f)
            ? KernelHarness.Create(op, random.Between(1, 3), random, [shape, new Shape(1, 1, 1, shape.Channels)])
            : KernelHarness.Create(op, random.Between(1, 3), random, [shape], [KernelHarness.RandomTensor(random, shape.Channels)]);
        harness.CheckFast(0, false, 0);
    });

    [Fact]
    public void Add_repeats_a_constant_image_for_each_sample()
    {
        var random = new RandomStream(3);
        using var harness = KernelHarness.Create(
            new Add(), 4, random, [new Shape(1, 5, 6, 7)], [KernelHarness.RandomTensor(random, 1, 5, 6, 7)]);
        harness.CheckFast(0, false, 0);
    }

    [Fact]
    public void Clip_agrees_with_the_reference_to_the_bit() => RandomCases.ForAll(100, random =>
    {
        var min = random.NextSingle(-0.5f, 0.5f);
        using var harness = KernelHarness.Create(new Clip(min, min + random.NextSingle()), random.Between(1, 3), random, [Image(ref random)]);
        harness.CheckFast(0, false, 0);
    });

    [Fact]
    public void Clip_lets_a_NaN_through()
    {
        using var harness = KernelHarness.Create(Clip.Relu6, 1, new RandomStream(1), [new Shape(1, 40)]);
        KernelHarness.Element(harness.Inputs[0], 3) = float.NaN;
        KernelHarness.Element(harness.Inputs[0], 38) = float.NaN;
        var result = harness.Fast(KernelHarness.Widths[0]);
        Assert.Equal([3, 38], Enumerable.Range(0, 40).Where(i => float.IsNaN(result[i])));
    }

    [Fact]
    public void Sigmoid_agrees_with_the_reference_on_random_shapes() => RandomCases.ForAll(100, random =>
    {
        using var harness = KernelHarness.Create(new Sigmoid(), random.Between(1, 3), random, [Image(ref random)]);
        Stretch(harness, 30);
        harness.CheckFast(1e-6f, false, 0);
    });

    [Fact]
    public void Softmax_agrees_with_the_reference_on_random_shapes() => RandomCases.ForAll(100, random =>
    {
        using var harness = KernelHarness.Create(
            new Softmax(random.NextSingle(0.5f, 2)), random.Between(1, 5), random, [new Shape(1, random.Between(1, 1001))]);
        Stretch(harness, 50);
        harness.CheckFast(1e-6f, false, 0);
        foreach (var width in KernelHarness.Widths)
        {
            var rows = harness.Fast(width).Chunk(harness.OutputShape.Channels);
            Assert.All(rows, row => Assert.Equal(1, row.Sum(), 1e-4f));
        }
    });

    [Fact]
    public void BatchNorm_agrees_with_the_reference_on_random_shapes() => RandomCases.ForAll(100, random =>
    {
        var shape = Image(ref random);
        var variance = KernelHarness.RandomTensor(random, shape.Channels);
        foreach (ref var v in variance.AsSpan<float>())
            v = 0.1f + Math.Abs(v);
        using var harness = KernelHarness.Create(
            new BatchNorm(), random.Between(1, 3), random, [shape],
            [
                KernelHarness.RandomTensor(random, shape.Channels), KernelHarness.RandomTensor(random, shape.Channels),
                KernelHarness.RandomTensor(random, shape.Channels), variance,
            ]);
        harness.CheckFast(1e-5f, false, 0);
    });

    [Fact]
    public void Concat_agrees_with_the_reference_on_every_axis() => RandomCases.ForAll(100, random =>
    {
        var first = Image(ref random);
        var axis = random.Between(1, 3);
        var shapes = Enumerable.Range(0, random.Between(1, 4)).Select(_ =>
        {
            var shape = first.ToArray();
            shape[axis] = random.Between(1, 9);
            return new Shape(shape);
        }).ToArray();
        using var harness = KernelHarness.Create(new Concat(axis, random.Activation()), random.Between(1, 3), random, shapes);
        harness.CheckFast(0);
    });

    [Fact]
    public void Reshape_and_Dropout_keep_the_elements() => RandomCases.ForAll(50, random =>
    {
        var shape = Image(ref random);
        Operator op = random.Chance(0.5f) ? new Reshape(new Shape(1, shape.ElementCount)) : new Dropout(0.5f);
        using var harness = KernelHarness.Create(op, random.Between(1, 3), random, [shape]);
        var input = Enumerable.Range(0, harness.OutputShape.ElementCount).Select(e => KernelHarness.Element(harness.Inputs[0], e)).ToArray();
        KernelHarness.AssertClose(input, harness.Reference(), 0, "reference");
        harness.CheckFast(0, false);
    });

    private static Shape Image(ref RandomStream random) => new(1, random.Between(1, 12), random.Between(1, 12), random.Between(1, 70));

    private static void Stretch(KernelHarness harness, float factor)
    {
        for (var e = 0; e < harness.Inputs[0].Shape.ElementCount; e++)
            KernelHarness.Element(harness.Inputs[0], e) *= factor;
    }
}
