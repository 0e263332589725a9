using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Kernels.Int8;
using Kindling.Numerics;
using Kindling.Tensors;
using Kindling.Tests.Kernels.Float;

namespace Kindling.Tests.Kernels.Int8;

/// <summary>The vector kernels equal the scalar reference to the bit, in both arithmetics, on every width, in slices, on any number of threads.</summary>
public sealed class VectorInt8Tests
{
    private const int Cases = 200;

    [Fact]
    public void Convolution() => RandomCases.ForAll(Cases, random =>
    {
        var (input, output) = Quantizations(ref random);
        var kernel = random.Size(1, 5);
        var dilation = random.Chance(0.2f) ? random.Size(1, 2) : 1;
        var x = Int8Harness.Activation("x", Image(ref random, kernel, dilation, 40), input);
        var filters = random.Between(1, 70);
        var weights = Int8Harness.Weights(random, new Shape(filters, kernel.Height, kernel.Width, x.Shape.Channels), 0, random.Chance(0.8f));
        var op = new Conv2D(random.Size(1, 3), random.Padding(3), dilation, random.Activation());
        Value[] inputs = random.Chance(0.8f) ? [x, weights, Int8Harness.Bias(random, filters)] : [x, weights];
        using var harness = new Int8Harness(op, random.Between(1, 3), random, inputs, ElementType.Int8, output) { Arithmetic = Family(ref random) };
        var expected = harness.Run(reference: true);
        Assert.Equal(expected, harness.Run(reference: false, threads: 2));
        foreach (var lanes in Int8Harness.Lanes)
        {
            Assert.Equal(expected, harness.Run(context => Conv2DKernelFactory.Create(
                context, ConvolutionGeometry.Of(context.Inputs[0], context.Output, kernel, op.Stride, op.Padding, dilation),
                ConvolutionParameters.Create(context, 0, op.Activation)!, lanes), gap: 3));
        }
    });

    // So many inputs that a block's weights are taken in parts.
    [Fact]
    public void Wide_convolution() => RandomCases.ForAll(16, random =>
    {
        var isPointwise = random.Chance(0.6f);
        Size2D kernel = isPointwise ? 1 : 3;
        var channels = isPointwise ? 512 * random.Between(1, 3) : random.Between(90, 130);
        var (input, _) = Quantizations(ref random);
        var x = Int8Harness.Activation("x", new Shape(1, random.Between(3, 9), random.Between(3, 9), channels), input);
        var filters = random.Between(40, 70);
        var weights = Int8Harness.Weights(random, new Shape(filters, kernel.Height, kernel.Width, channels), 0, isPerChannel: false);
        // Sums of this many products, mostly within the range of the output.
        var scale = input.Scale * weights.Quantization!.Scale * 74 * 74 * MathF.Sqrt(channels * kernel.Height * kernel.Width) / 50;
        var op = new Conv2D(isPointwise ? 1 : 2, random.Padding(2), 1, Activation.None);
        using var harness = new Int8Harness(
            op, random.Between(1, 3), random, [x, weights, Int8Harness.Bias(random, filters)], ElementType.Int8, new Quantization(scale, -3))
        {
            Arithmetic = Family(ref random),
        };
        var expected = harness.Run(reference: true);
        Assert.True(expected.Distinct().Count() > 50);
        Assert.Equal(expected, harness.Run(reference: false, threads: 2));
        foreach (var lanes in Int8Harness.Lanes)
        {
            Assert.Equal(expected, harness.Run(context => Conv2DKernelFactory.Create(
                context, ConvolutionGeometry.Of(context.Inputs[0], context.Output, kernel, op.Stride, op.Padding, 1),
                ConvolutionParameters.Create(context, 0, op.Activation)!, lanes), gap: 3));
        }
    });

    [Fact]
    public void Depthwise_convolution() => RandomCases.ForAll(Cases, random =>
    {
        var (input, output) = Quantizations(ref random);
        var kernel = random.Size(1, 5);
        var dilation = random.Chance(0.2f) ? random.Size(1, 2) : 1;
        var x = Int8Harness.Activation("x", Image(ref random, kernel, dilation, 70), input);
        var weights = Int8Harness.Weights(random, new Shape(kernel.Height, kernel.Width, x.Shape.Channels), 2, random.Chance(0.8f));
        var op = new DepthwiseConv2D(random.Size(1, 3), random.Padding(3), dilation, random.Activation());
        Value[] inputs = random.Chance(0.8f) ? [x, weights, Int8Harness.Bias(random, x.Shape.Channels)] : [x, weights];
        using var harness = new Int8Harness(op, random.Between(1, 3), random, inputs, ElementType.Int8, output) { Arithmetic = Family(ref random) };
        var expected = harness.Run(reference: true);
        Assert.Equal(expected, harness.Run(reference: false, threads: 2));
        foreach (var lanes in Int8Harness.Lanes)
        {
            Assert.Equal(expected, harness.Run(context => DepthwiseConv2DKernelFactory.Create(
                context, op, ConvolutionParameters.Create(context, 2, op.Activation)!, lanes), gap: 3));
        }
    });

    // Nothing but the ends of the ranges, and factors that are powers of two, so that many products are halves.
    [Fact]
    public void Extremes_and_halves() => RandomCases.ForAll(60, random =>
    {
        var isHalf = random.Chance(0.5f);
        var isDepthwise = random.Chance(0.4f);
        Size2D kernel = random.Chance(0.5f) ? 1 : 3;
        var channels = isDepthwise ? random.Between(9, 70) : 16 * random.Between(1, 4);
        var zeroPoint = random.Chance(0.5f) ? -128 : 127;
        var x = Int8Harness.Activation("x", new Shape(1, random.Between(3, 9), random.Between(3, 9), channels), new Quantization(1, zeroPoint));
        var filters = isDepthwise ? channels : random.Between(32, 70);
        var shape = isDepthwise ? new Shape(kernel.Height, kernel.Width, channels) : new Shape(filters, kernel.Height, kernel.Width, channels);
        var tensor = new Tensor(ElementType.Int8, shape);
        foreach (ref var w in tensor.AsSpan<sbyte>())
            w = (sbyte)(isHalf ? random.NextInt32(3) - 1 : random.Chance(0.5f) ? -128 : 127);
        var weights = new Value("weights", tensor, new Quantization(isHalf ? 1f / 64 : 1f / 4096, 0));
        var stride = random.Between(1, 2);
        var padding = random.Padding(1);
        var activation = random.Chance(0.5f) ? Activation.Relu : Activation.None;
        Operator op = isDepthwise ? new DepthwiseConv2D(stride, padding, 1, activation) : new Conv2D(stride, padding, 1, activation);
        using var harness = new Int8Harness(
            op, 2, random, [x, weights, Int8Harness.Bias(random, filters)], ElementType.Int8, new Quantization(8, isHalf ? -128 : 3));
        if (!isHalf)
        {
            var elements = new sbyte[harness.Inputs[0].Shape.ElementCount];
            foreach (ref var e in elements.AsSpan())
                e = random.Chance(0.5f) ? sbyte.MinValue : sbyte.MaxValue;
            harness.Set(0, elements);
        }

        var expected = harness.Run(reference: true);
        Assert.Equal(expected, harness.Run(reference: false, threads: 2));
        foreach (var lanes in Int8Harness.Lanes)
        {
            Assert.Equal(expected, harness.Run(context => op is DepthwiseConv2D depthwise
                ? DepthwiseConv2DKernelFactory.Create(context, depthwise, ConvolutionParameters.Create(context, 2, activation)!, lanes)
                : Conv2DKernelFactory.Create(
                    context, ConvolutionGeometry.Of(context.Inputs[0], context.Output, kernel, stride, padding, 1),
                    ConvolutionParameters.Create(context, 0, activation)!, lanes), gap: 3));
        }
    });

    [Fact]
    public void Fully_connected() => RandomCases.ForAll(Cases, random =>
    {
        var (input, output) = Quantizations(ref random);
        var x = Int8Harness.Activation("x", new Shape(1, random.Between(1, 90)), input);
        var units = random.Between(1, 80);
        var weights = Int8Harness.Weights(random, new Shape(units, x.Shape.Channels), 0, random.Chance(0.3f));
        using var harness = new Int8Harness(
            new Dense(random.Activation()), random.Between(1, 20), random, [x, weights, Int8Harness.Bias(random, units)], ElementType.Int8, output)
        {
            Arithmetic = Family(ref random),
        };
        Assert.Equal(harness.Run(reference: true), harness.Run(reference: false, threads: 2));
    });

    [Fact]
    public void Max_pooling() => RandomCases.ForAll(Cases, random =>
    {
        var kernel = random.Size(1, 4);
        var (input, _) = Quantizations(ref random);
        var x = Int8Harness.Activation("x", Image(ref random, kernel, 1, 80), input);
        var padding = new Padding(
            random.NextInt32(kernel.Height), random.NextInt32(kernel.Width), random.NextInt32(kernel.Height), random.NextInt32(kernel.Width));
        var op = new MaxPool2D(kernel, random.Size(1, 3), padding, random.Activation());
        using var harness = new Int8Harness(op, random.Between(1, 3), random, [x], ElementType.Int8, input);
        var expected = harness.Run(reference: true);
        Assert.Equal(expected, harness.Run(reference: false, threads: 2));
        Assert.Equal(expected, harness.Run(reference: false, gap: 5));
    });

    // Scales so far apart that factors shift left as well as right.
    private static (Quantization Input, Quantization Output) Quantizations(ref RandomStream random) => (
        new Quantization(MathF.Exp(random.NextSingle(-6, 0)), random.NextInt32(256) - 128),
        new Quantization(MathF.Exp(random.Chance(0.2f) ? random.NextSingle(-18, -8) : random.NextSingle(-4, 3)), random.NextInt32(256) - 128));

    private static Int8Arithmetic Family(ref RandomStream random) => random.Chance(0.3f) ? Int8Arithmetic.Xnnpack : Int8Arithmetic.TfliteMicro;

    private static Shape Image(ref RandomStream random, Size2D kernel, Size2D dilation, int channels) => new(
        1, ((kernel.Height - 1) * dilation.Height) + random.Between(1, 10), ((kernel.Width - 1) * dilation.Width) + random.Between(1, 10),
        random.Between(1, channels));
}
