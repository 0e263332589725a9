using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Numerics;
using Kindling.Tensors;

namespace Kindling.Tests.Kernels.Int8;

/// <summary>XNNPACK's family: one product in single precision, rounded half to even.</summary>
public sealed class XnnpackArithmeticTests
{
    private static readonly Quantization Unit = new(1, 0);

    [Theory]
    [InlineData(Int8Arithmetic.TfliteMicro, new sbyte[] { 1, 2, 3, 0, -1 })]
    [InlineData(Int8Arithmetic.Xnnpack, new sbyte[] { 0, 2, 2, 0, -2 })]
    public void Sums_halfway_between_two_outputs_go_to_the_even_one(Int8Arithmetic arithmetic, sbyte[] expected)
    {
        var x = Int8Harness.Activation("x", new Shape(1, 1, 5, 1), Unit);
        var w = new Value("w", Tensor.From<sbyte>(new Shape(1, 1, 1, 1), [1]), Unit);
        using var harness = new Int8Harness(
            new Conv2D(1, Padding.None, 1), 1, new RandomStream(1), [x, w], ElementType.Int8, new Quantization(2, 0))
        {
            Arithmetic = arithmetic,
        };
        harness.Set(0, 1, 3, 5, -1, -3);
        Assert.Equal(expected, harness.Run(reference: true));
        Assert.Equal(expected, harness.Run(reference: false));
    }

    [Fact]
    public void A_mean_and_a_product_are_rounded_once()
    {
        var x = Int8Harness.Activation("x", new Shape(1, 1, 2, 2), Unit);
        using var mean = new Int8Harness(new GlobalAveragePool(), 1, new RandomStream(1), [x], ElementType.Int8, Unit) { Arithmetic = Int8Arithmetic.Xnnpack };
        mean.Set(0, 1, 2, 4, 3);
        Assert.Equal([2, 2], mean.Run(reference: false));

        var y = Int8Harness.Activation("y", new Shape(1, 1, 2, 2), Unit);
        using var product = new Int8Harness(new Multiply(), 1, new RandomStream(1), [x, y], ElementType.Int8, new Quantization(2, 1)) { Arithmetic = Int8Arithmetic.Xnnpack };
        product.Set(0, 1, 3, 5, 100);
        product.Set(1, 1, 1, -1, 100);
        Assert.Equal([1, 3, -1, 127], product.Run(reference: false));
    }

    [Fact]
    public void Real_numbers_are_quantized_half_to_even_and_clamped()
    {
        var quantization = new Quantization(0.5f, 3);
        foreach (var (value, expected) in new[] { (0f, 3), (0.25f, 3), (0.75f, 5), (-0.25f, 3), (-0.75f, 1), (1e9f, 127), (float.NegativeInfinity, -128) })
            Assert.Equal(expected, XnnpackArithmetic.Quantize(value, quantization, ElementType.Int8));
    }

    [Fact]
    public void A_factor_that_leaves_8_bits_far_behind_still_clamps() =>
        Assert.Equal((1 << 24, -(1 << 24)), (Requantizer.Single(1e20f).Apply(int.MaxValue), Requantizer.Single(1e20f).Apply(int.MinValue)));
}
