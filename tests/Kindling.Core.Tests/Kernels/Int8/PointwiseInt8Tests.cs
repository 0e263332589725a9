using Kindling.Graphs.Operators;
using Kindling.Numerics;
using Kindling.Tensors;
using Kindling.Tests.Kernels.Float;

namespace Kindling.Tests.Kernels.Int8;

/// <summary>Convolutions without padding and with many channels, whose sums are added as subnormal floats, equal the reference to the bit.</summary>
public sealed class PointwiseInt8Tests
{
    [Fact]
    public void Random_shapes() => RandomCases.ForAll(60, random =>
    {
        var kernel = random.Chance(0.3f) ? random.Size(1, 3) : 1;
        var stride = random.Size(1, 2);
        var x = Input(ref random, new Shape(1, kernel.Height + random.NextInt32(6), kernel.Width + random.NextInt32(6), random.Between(20, 600)));
        var filters = random.Between(17, 100);
        var weights = Int8Harness.Weights(random, new Shape(filters, kernel.Height, kernel.Width, x.Shape.Channels), 0, random.Chance(0.8f));
        var op = new Conv2D(stride, new Padding(0, 0, 0, 0), 1, random.Activation());
        using var harness = new Int8Harness(
            op, random.Between(1, 3), random, [x, weights, Int8Harness.Bias(random, filters)], ElementType.Int8, Output(ref random));
        var expected = harness.Run(reference: true);
        Assert.Equal(expected, harness.Run(reference: false, threads: 2));
        Assert.Equal(expected, harness.Run(reference: false, gap: 7));
    });

    [Theory]
    [InlineData(sbyte.MaxValue, sbyte.MaxValue)]
    [InlineData(sbyte.MaxValue, sbyte.MinValue)]
    [InlineData(sbyte.MinValue, sbyte.MaxValue)]
    [InlineData(sbyte.MinValue, sbyte.MinValue)]
    public void The_largest_inputs_and_weights(sbyte pixel, sbyte weight) => RandomCases.ForAll(10, random =>
    {
        // Around 256 channels: the most products one float can add.
        var channels = new[] { 64, 255, 256, 257, 258, 1024 }[random.NextInt32(6)];
        var x = Input(ref random, new Shape(1, 3, 5, channels));
        var weights = Int8Harness.Weights(random, new Shape(48, 1, 1, channels), 0, isPerChannel: true);
        weights.Constant!.AsSpan<sbyte>().Fill(weight);
        // A single other weight, so that a lost unit of a sum would show.
        weights.Constant!.AsSpan<sbyte>()[random.NextInt32(48 * channels)] = 1;
        using var harness = new Int8Harness(
            new Conv2D(1, new Padding(0, 0, 0, 0), 1, Activation.None), 1, random, [x, weights], ElementType.Int8, Output(ref random));
        var input = new sbyte[15 * channels];
        Array.Fill(input, pixel);
        input[random.NextInt32(input.Length)] = 1;
        harness.Set(0, input);
        Assert.Equal(harness.Run(reference: true), harness.Run(reference: false));
    });

    private static Kindling.Graphs.Value Input(ref RandomStream random, Shape shape) =>
        Int8Harness.Activation("x", shape, new Quantization(0.02f, random.NextInt32(256) - 128));

    private static Quantization Output(ref RandomStream random) => new(MathF.Exp(random.NextSingle(-6, 6)), random.NextInt32(256) - 128);
}
