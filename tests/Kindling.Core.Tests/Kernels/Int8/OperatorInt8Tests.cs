using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Numerics;
using Kindling.Tensors;
using Kindling.Tests.Kernels.Float;

namespace Kindling.Tests.Kernels.Int8;

/// <summary>Each operator on a case small enough to work out by hand, or against real arithmetic.</summary>
public sealed class OperatorInt8Tests
{
    private static readonly Quantization Unit = new(1, 0);

    [Fact]
    public void A_convolution_subtracts_the_zero_point_pads_with_it_and_scales_per_channel()
    {
        // 2x2 image of one channel, 2x2 window, padded by one below and to the right.
        var weights = new Value(
            "w", Tensor.From<sbyte>(new Shape(2, 2, 2, 1), [1, 2, 3, 4, -1, 0, 0, 1]), new Quantization([0.5f, 0.25f], [0, 0], 0));
        var bias = new Value("b", Tensor.From(new Shape(2), [10, -8]));
        var x = Int8Harness.Activation("x", new Shape(1, 2, 2, 1), new Quantization(1, 3));
        using var harness = new Int8Harness(
            new Conv2D(1, new Padding(0, 0, 1, 1), 1), 1, new RandomStream(1), [x, weights, bias], ElementType.Int8, new Quantization(0.5f, -1));
        harness.Set(0, 4, 5, 6, 7);
        // Differences to the zero point: 1 2 / 3 4. Sums of channel 0: 40, 24, 21, 14 (factor 1); of channel 1: -5, -10, -11, -12
        // (factor 1/2; the product rounds halves up).
        Assert.Equal([39, -3, 23, -6, 20, -6, 13, -7], harness.Run(reference: true));
        Assert.Equal([39, -3, 23, -6, 20, -6, 13, -7], harness.Run(reference: false));
    }

    [Theory]
    [InlineData(Activation.None, -128, 127)]
    [InlineData(Activation.Relu, -28, 127)]
    [InlineData(Activation.Relu6, -28, 32)]
    [InlineData(Activation.ReluN1To1, -38, -18)]
    public void A_fused_activation_clamps_to_its_quantized_range(Activation activation, int min, int max) =>
        Assert.Equal((min, max), QuantizedArithmetic.ActivationRange(activation, new Quantization(0.1f, -28)));

    [Fact]
    public void A_mean_of_a_window_rounds_halves_away_from_zero_and_counts_pixels_inside_only()
    {
        var x = Int8Harness.Activation("x", new Shape(1, 1, 4, 1), Unit);
        using var harness = new Int8Harness(
            new AveragePool2D(new Size2D(1, 2), new Size2D(1, 2), new Padding(0, 1, 0, 1)), 1, new RandomStream(1), [x], ElementType.Int8, Unit);
        harness.Set(0, 7, 4, -9, -5);
        Assert.Equal([7, -3, -5], harness.Run(reference: true));
        harness.Set(0, 7, 4, 5, -5);
        Assert.Equal([7, 5, -5], harness.Run(reference: true));
        using var whole = new Int8Harness(
            new AveragePool2D(new Size2D(1, 2), new Size2D(1, 2), new Padding(0, 1, 0, 1), CountIncludesPadding: true), 1, new RandomStream(1), [x],
            ElementType.Int8, Unit);
        whole.Set(0, 7, 4, 5, -5);
        Assert.Equal([4, 5, -3], whole.Run(reference: true));
    }

    [Fact]
    public void A_global_mean_folds_the_division_into_the_rescaling() => RandomCases.ForAll(200, random =>
    {
        var input = new Quantization(MathF.Exp(random.NextSingle(-5, 0)), random.NextInt32(256) - 128);
        var output = new Quantization(input.Scale * random.NextSingle(0.3f, 2), random.NextInt32(256) - 128);
        var x = Int8Harness.Activation("x", new Shape(1, random.Between(1, 9), random.Between(1, 9), random.Between(1, 20)), input);
        using var harness = new Int8Harness(new GlobalAveragePool(), 1, random, [x], ElementType.Int8, output);
        var actual = harness.Run(reference: false);
        for (var c = 0; c < actual.Length; c++)
        {
            var mean = Elements(harness).Where((_, i) => i % actual.Length == c).Average(q => input.Scale * (q - input.ZeroPoint));
            AssertNear(mean, output, actual[c], 0.76);
        }
    });

    [Fact]
    public void A_sum_is_right_to_half_a_step() => RandomCases.ForAll(200, random =>
    {
        var (first, second, output) = (Scale(ref random), Scale(ref random), Scale(ref random));
        var shape = new Shape(1, random.Between(1, 4), random.Between(1, 4), random.Between(1, 9));
        var (a, b) = (Int8Harness.Activation("a", shape, first), Int8Harness.Activation("b", shape, second));
        using var harness = new Int8Harness(new Add(), random.Between(1, 2), random, [a, b], ElementType.Int8, output);
        var (x, y) = (Elements(harness), Elements(harness, 1));
        var actual = harness.Run(reference: false);
        for (var i = 0; i < actual.Length; i++)
            AssertNear((first.Scale * (x[i] - first.ZeroPoint)) + (second.Scale * (y[i] - second.ZeroPoint)), output, actual[i], 0.52);
    });

    [Fact]
    public void A_product_with_one_value_a_channel_is_right_but_for_being_rounded_twice() => RandomCases.ForAll(200, random =>
    {
        var (first, second, output) = (Scale(ref random), Scale(ref random), Scale(ref random));
        var channels = random.Between(1, 9);
        var a = Int8Harness.Activation("a", new Shape(1, random.Between(1, 4), random.Between(2, 4), channels), first);
        var b = Int8Harness.Activation("b", new Shape(1, 1, 1, channels), second);
        var batch = random.Between(1, 3);
        using var harness = new Int8Harness(new Multiply(), batch, random, [a, b], ElementType.Int8, output);
        var (x, y) = (Elements(harness), Elements(harness, 1));
        var actual = harness.Run(reference: false);
        var perSample = actual.Length / batch;
        for (var i = 0; i < actual.Length; i++)
        {
            var gate = y[(i / perSample * channels) + (i % channels)];
            AssertNear((double)first.Scale * (x[i] - first.ZeroPoint) * second.Scale * (gate - second.ZeroPoint), output, actual[i], 0.76);
        }
    });

    [Fact]
    public void A_constant_whole_image_is_added_to_every_sample()
    {
        var a = Int8Harness.Activation("a", new Shape(1, 1, 2, 1), Unit);
        var b = new Value("b", Tensor.From<sbyte>(new Shape(1, 1, 2, 1), [10, 20]), Unit);
        using var harness = new Int8Harness(new Add(), 2, new RandomStream(1), [a, b], ElementType.Int8, Unit);
        harness.Set(0, 1, 2, 3, 4);
        Assert.Equal([11, 22, 13, 24], harness.Run(reference: false));
    }

    [Fact]
    public void Joined_values_keep_their_bytes_unless_their_scale_differs()
    {
        var a = Int8Harness.Activation("a", new Shape(1, 1, 2, 2), new Quantization(0.5f, 0));
        var b = Int8Harness.Activation("b", new Shape(1, 1, 2, 1), new Quantization(1, 10));
        using var harness = new Int8Harness(new Concat(3), 1, new RandomStream(1), [a, b], ElementType.Int8, new Quantization(0.5f, 0));
        harness.Set(0, 1, 2, 3, 4);
        harness.Set(1, 12, 9);
        Assert.Equal([1, 2, 4, 3, 4, -2], harness.Run(reference: false));
    }

    [Fact]
    public void Rows_are_joined_one_behind_the_other()
    {
        var a = Int8Harness.Activation("a", new Shape(1, 1, 2, 1), Unit);
        var b = Int8Harness.Activation("b", new Shape(1, 2, 2, 1), Unit);
        using var harness = new Int8Harness(new Concat(1), 1, new RandomStream(1), [a, b], ElementType.Int8, Unit);
        harness.Set(0, 1, 2);
        harness.Set(1, 3, 4, 5, 6);
        Assert.Equal([1, 2, 3, 4, 5, 6], harness.Run(reference: false));
    }

    [Fact]
    public void A_border_is_filled_with_the_zero_point()
    {
        var quantization = new Quantization(1, -7);
        var x = Int8Harness.Activation("x", new Shape(1, 1, 2, 1), quantization);
        using var harness = new Int8Harness(new Pad(new Padding(1, 0, 0, 1)), 1, new RandomStream(1), [x], ElementType.Int8, quantization);
        harness.Set(0, 1, 2);
        Assert.Equal([-7, -7, -7, 1, 2, -7], harness.Run(reference: false));
    }

    [Fact]
    public void A_softmax_and_a_logistic_function_are_real_ones_rounded_to_256ths() => RandomCases.ForAll(200, random =>
    {
        var input = new Quantization(MathF.Exp(random.NextSingle(-5, 0)), random.NextInt32(256) - 128);
        var output = new Quantization(1f / 256, -128);
        var x = Int8Harness.Activation("x", new Shape(1, random.Between(2, 40)), input);
        using var softmax = new Int8Harness(new Softmax(), 1, random, [x], ElementType.Int8, output);
        var exponentials = Elements(softmax).Select(q => Math.Exp((double)input.Scale * (q - 127))).ToArray();
        var actual = softmax.Run(reference: false);
        for (var i = 0; i < actual.Length; i++)
            AssertNear(exponentials[i] / exponentials.Sum(), output, actual[i], 0.51);

        using var logistic = new Int8Harness(new Sigmoid(), 1, random, [x], ElementType.Int8, output);
        actual = logistic.Run(reference: false);
        for (var i = 0; i < actual.Length; i++)
            AssertNear(1 / (1 + Math.Exp(-(double)input.Scale * (Elements(logistic)[i] - input.ZeroPoint))), output, actual[i], 0.51);
    });

    [Fact]
    public void A_photo_s_bytes_become_int8_by_flipping_the_highest_bit_when_the_scale_stays()
    {
        var x = Int8Harness.Activation("x", new Shape(1, 100), new Quantization(0.01f, 127), ElementType.UInt8);
        using var harness = new Int8Harness(new Quantize(), 1, new RandomStream(1), [x], ElementType.Int8, new Quantization(0.01f, -1));
        Assert.Equal(Elements(harness).Select(q => (sbyte)(q ^ -128)), harness.Run(reference: false));
    }

    [Fact]
    public void Real_numbers_are_quantized_to_the_nearest_step_halves_away_from_zero_and_clamped()
    {
        var quantization = new Quantization(0.5f, 3);
        foreach (var (value, expected) in new[] { (0f, 3), (0.25f, 4), (-0.25f, 2), (0.24f, 3), (1e9f, 127), (-1e9f, -128), (float.PositiveInfinity, 127) })
            Assert.Equal(expected, QuantizedArithmetic.Quantize(value, quantization, ElementType.Int8));
        Assert.Equal(255, QuantizedArithmetic.Quantize(1e9f, quantization, ElementType.UInt8));
    }

    [Fact]
    public void Quantizing_and_dequantizing_moves_a_number_by_half_a_step_at_most() => RandomCases.ForAll(200, random =>
    {
        var quantization = new Quantization(8.2f / 255, random.NextInt32(3) - 1);
        var x = new Value("x", ElementType.Float32, new Shape(1, random.Between(1, 50)));
        using var quantize = new Int8Harness(new Quantize(), 1, random, [x], ElementType.Int8, quantization);
        var bytes = quantize.Run(reference: false);
        var y = Int8Harness.Activation("y", x.Shape, quantization);
        using var dequantize = new Int8Harness(new Dequantize(), 1, random, [y], ElementType.Float32, null);
        dequantize.Set(0, bytes);
        var back = dequantize.RunToFloat();
        unsafe
        {
            for (var i = 0; i < back.Length; i++)
                Assert.InRange(MathF.Abs(back[i] - quantize.Inputs[0].Floats[i]), 0, quantization.Scale * 0.5001f);
        }
    });

    [Theory]
    [InlineData(0f, float.PositiveInfinity)]
    [InlineData(0f, 6f)]
    [InlineData(-1f, 2f)]
    public void A_clip_rescales_and_clamps(float min, float max) => RandomCases.ForAll(100, random =>
    {
        var (input, output) = (Scale(ref random), Scale(ref random));
        var x = Int8Harness.Activation("x", new Shape(1, random.Between(1, 50)), input);
        using var harness = new Int8Harness(new Clip(min, max), 1, random, [x], ElementType.Int8, output);
        var actual = harness.Run(reference: false);
        for (var i = 0; i < actual.Length; i++)
            AssertNear(Math.Clamp(input.Scale * (double)(Elements(harness)[i] - input.ZeroPoint), min, max), output, actual[i], 1.01);
    });

    [Fact]
    public void Missing_or_wrong_scales_are_refused_with_the_node_s_name()
    {
        var x = Int8Harness.Activation("x", new Shape(1, 4, 4, 1), Unit);
        AssertRefused(new MaxPool2D(2, 2, Padding.None), new Quantization(2, 0), [x], "same scale");
        AssertRefused(new Softmax(), Unit, [x], "1/256");
        AssertRefused(new Sigmoid(), null, [x], "no scale");
        var asymmetric = new Value("w", new Tensor(ElementType.Int8, new Shape(2, 1, 1, 1)), new Quantization(1, 5));
        AssertRefused(new Conv2D(1, Padding.None, 1), Unit, [x, asymmetric], "zero point");
        var wrongAxis = new Value("w", new Tensor(ElementType.Int8, new Shape(2, 1, 2, 1)), new Quantization([1, 1], [0, 0], 2));
        AssertRefused(new Conv2D(1, Padding.None, 1), Unit, [x, wrongAxis], "along axis 2");

        static void AssertRefused(Operator op, Quantization? output, Value[] inputs, string expected)
        {
            using var harness = new Int8Harness(op, 1, new RandomStream(1), inputs, ElementType.Int8, output);
            var fault = Assert.Throws<GraphException>(() => harness.Run(reference: false));
            Assert.Contains("node", fault.Message, StringComparison.Ordinal);
            Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
        }
    }

    private static Quantization Scale(ref RandomStream random) => new(MathF.Exp(random.NextSingle(-4, 0)), random.NextInt32(256) - 128);

    private static unsafe int[] Elements(Int8Harness harness, int input = 0)
    {
        var view = harness.Inputs[input];
        var elements = new int[view.Shape.ElementCount];
        for (var i = 0; i < elements.Length; i++)
            elements[i] = view.Type == ElementType.UInt8 ? view.UBytes[i] : view.SBytes[i];
        return elements;
    }

    private static void AssertNear(double real, Quantization quantization, sbyte actual, double steps) =>
        Assert.InRange(Math.Abs(Math.Clamp((real / quantization.Scale) + quantization.ZeroPoint, -128, 127) - actual), 0, steps);
}
