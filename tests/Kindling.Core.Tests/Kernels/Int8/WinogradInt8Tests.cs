using Kindling.Graphs.Operators;
using Kindling.Kernels.Int8;
using Kindling.Numerics;
using Kindling.Tensors;
using Kindling.Tests.Kernels.Float;

namespace Kindling.Tests.Kernels.Int8;

/// <summary>The Winograd convolution in whole numbers gives the direct convolution's outputs to the bit, or is not taken.</summary>
public sealed class WinogradInt8Tests
{
    [Fact]
    public void Random_shapes_equal_the_reference_on_every_width() => RandomCases.ForAll(120, random =>
    {
        var x = Int8Harness.Activation(
            "x", new Shape(1, random.Between(1, 14), random.Between(1, 14), random.Between(1, 50)),
            new Quantization(0.02f, random.NextInt32(256) - 128));
        var filters = random.Between(1, 70);
        var weights = Int8Harness.Weights(random, new Shape(filters, 3, 3, x.Shape.Channels), 0, random.Chance(0.8f));
        var op = new Conv2D(1, new Padding(random.Between(1, 3), random.Between(1, 3), random.Between(1, 3), random.Between(1, 3)), 1, random.Activation());
        using var harness = new Int8Harness(
            op, random.Between(1, 3), random, [x, weights, Int8Harness.Bias(random, filters)], ElementType.Int8, Output(ref random));
        AssertEqualsReference(harness, op);
    });

    [Theory]
    [InlineData(-128, sbyte.MaxValue, sbyte.MinValue)]
    [InlineData(-128, sbyte.MaxValue, sbyte.MaxValue)]
    [InlineData(127, sbyte.MinValue, sbyte.MinValue)]
    [InlineData(127, sbyte.MinValue, sbyte.MaxValue)]
    [InlineData(0, sbyte.MinValue, sbyte.MinValue)]
    public void The_largest_inputs_and_weights_do_not_overflow(int zeroPoint, sbyte pixel, sbyte weight) => RandomCases.ForAll(8, random =>
    {
        var x = Int8Harness.Activation("x", new Shape(1, 9, 9, 64), new Quantization(0.02f, zeroPoint));
        var weights = Int8Harness.Weights(random, new Shape(32, 3, 3, 64), 0, isPerChannel: true);
        // Equal signs give the largest sums, alternating ones the largest transformed numbers.
        var alternates = random.Chance(0.5f);
        var elements = weights.Constant!.AsSpan<sbyte>();
        for (var i = 0; i < elements.Length; i++)
            elements[i] = alternates && i / 64 % 2 == 1 ? (sbyte)~weight : weight;
        var op = new Conv2D(1, new Padding(1, 1, 1, 1), 1, Activation.None);
        using var harness = new Int8Harness(op, 1, random, [x, weights], ElementType.Int8, Output(ref random));
        var input = new sbyte[9 * 9 * 64];
        for (var i = 0; i < input.Length; i++)
            input[i] = alternates && i / 64 % 2 == 1 ? (sbyte)zeroPoint : pixel;
        harness.Set(0, input);
        AssertEqualsReference(harness, op);
    });

    [Fact]
    public void Weights_whose_sums_could_leave_26_bits_take_the_direct_convolution()
    {
        var shape = new Shape(1, 3, 3, 115);
        var weights = new Tensor(ElementType.Int8, shape);
        weights.AsSpan<sbyte>().Fill(sbyte.MaxValue);
        // 9 * 115 * 127 * 255 is 33,518,475; 2^25 is 33,554,432.
        Assert.True(WinogradWeights.AreExact(weights, -128));
        weights.AsSpan<sbyte>().Fill(sbyte.MinValue);
        Assert.False(WinogradWeights.AreExact(weights, -128));
        // Weights of both signs cancel only where the input does not change sign.
        weights.AsSpan<sbyte>()[..500].Fill(sbyte.MaxValue);
        Assert.True(WinogradWeights.AreExact(weights, -128));
        Assert.True(WinogradWeights.AreExact(weights, 0));
    }

    private static void AssertEqualsReference(Int8Harness harness, Conv2D op)
    {
        var expected = harness.Run(reference: true);
        foreach (var lanes in Int8Harness.Lanes)
        {
            Assert.Equal(expected, harness.Run(
                context =>
                {
                    var geometry = ConvolutionGeometry.Of(context.Inputs[0], context.Output, 3, op.Stride, op.Padding, op.Dilation);
                    var parameters = ConvolutionParameters.Create(context, 0, op.Activation)!;
                    Assert.True(Conv2DKernelFactory.CanBeWinograd(context, geometry, parameters));
                    return Conv2DKernelFactory.CreateWinograd(context, geometry, parameters, lanes);
                },
                gap: 3, threads: 2));
        }
    }

    private static Quantization Output(ref RandomStream random) =>
        new(MathF.Exp(random.NextSingle(-6, 5)), random.NextInt32(256) - 128);
}
