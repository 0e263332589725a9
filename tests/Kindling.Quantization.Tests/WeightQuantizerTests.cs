using Kindling.Graphs;
using Kindling.Tensors;

namespace Kindling.Quantization.Tests;

public class WeightQuantizerTests
{
    [Fact]
    public void Each_output_channel_of_a_convolution_is_scaled_to_its_largest_weight()
    {
        var weights = Constant(new Shape(2, 1, 1, 3), 0.5f, -1.27f, 0.01f, 12.7f, 0.05f, 0);
        var (w, _) = WeightQuantizer.Quantize(weights, 0, perChannel: true, new float[2], "bias", inputScale: 1);
        Assert.Equal([50, -127, 1, 127, 1, 0], w.Constant!.AsSpan<sbyte>().ToArray().Select(v => (int)v));
        Assert.Equal([0.01f, 0.1f], w.Quantization!.Scales, (a, b) => Math.Abs(a - b) < 1e-8f);
        Assert.Equal([0, 0], w.Quantization.ZeroPoints);
        Assert.Equal(0, w.Quantization.Axis);
    }

    [Fact]
    public void The_channels_of_a_depthwise_kernel_run_along_its_last_dimension()
    {
        var weights = Constant(new Shape(1, 2, 2), 1.27f, -2.54f, 0.5f, 0.2f);
        var (w, _) = WeightQuantizer.Quantize(weights, 2, perChannel: true, new float[2], "bias", inputScale: 1);
        Assert.Equal([127, -127, 50, 10], w.Constant!.AsSpan<sbyte>().ToArray().Select(v => (int)v));
        Assert.Equal(2, w.Quantization!.Axis);
    }

    [Fact]
    public void A_bias_counts_in_steps_of_input_scale_times_weight_scale()
    {
        var weights = Constant(new Shape(2, 1), 1.27f, 2.54f);
        var (w, b) = WeightQuantizer.Quantize(weights, 0, perChannel: true, [0.3f, -0.3f], "bias", inputScale: 0.5f);
        Assert.Equal([60, -30], b.Constant!.AsSpan<int>().ToArray());
        for (var c = 0; c < 2; c++)
            Assert.Equal(0.5f * w.Quantization!.Scales[c], b.Quantization!.Scales[c]);
    }

    [Fact]
    public void A_bias_that_would_not_fit_makes_its_weights_coarser()
    {
        var weights = Constant(new Shape(2, 1), 1e-7f, 1f);
        var (w, b) = WeightQuantizer.Quantize(weights, 0, perChannel: true, [1000f, 0.5f], "bias", inputScale: 1e-3f);
        Assert.InRange(b.Constant!.AsSpan<int>()[0], int.MaxValue / 4, (int.MaxValue / 2) + 100);
        Assert.Equal(1000, b.Constant.AsSpan<int>()[0] * (double)b.Quantization!.Scales[0], 0.01);
        Assert.True(w.Quantization!.Scales[0] > 1e-7f / 127);
        Assert.Equal(1f / 127, w.Quantization.Scales[1]);
    }

    [Fact]
    public void A_channel_of_zeros_keeps_its_bias()
    {
        var weights = Constant(new Shape(2, 1), 0, 1.27f);
        var (w, b) = WeightQuantizer.Quantize(weights, 0, perChannel: true, [0.25f, 0], "bias", inputScale: 0.1f);
        Assert.Equal(0, w.Constant!.AsSpan<sbyte>()[0]);
        Assert.Equal(0.25, b.Constant!.AsSpan<int>()[0] * (double)b.Quantization!.Scales[0], 1e-3);
    }

    [Fact]
    public void One_scale_for_the_layer_is_that_of_its_largest_weight()
    {
        var weights = Constant(new Shape(2, 1), 1.27f, -12.7f);
        var (w, b) = WeightQuantizer.Quantize(weights, 0, perChannel: false, [1, 1], "bias", inputScale: 1);
        Assert.False(w.Quantization!.IsPerChannel);
        Assert.Equal([13, -127], w.Constant!.AsSpan<sbyte>().ToArray().Select(v => (int)v));
        Assert.Equal([10, 10], b.Constant!.AsSpan<int>().ToArray());
    }

    [Fact]
    public void The_rounding_of_the_inputs_zero_point_goes_into_the_bias()
    {
        var weights = Constant(new Shape(1, 2), 1.27f, 0.63f);
        var (_, b) = WeightQuantizer.Quantize(weights, 0, perChannel: true, [0], "bias", inputScale: 1, zeroPointError: 0.5);
        Assert.Equal(-95, b.Constant!.AsSpan<int>()[0]);
    }

    private static Value Constant(Shape shape, params float[] values) => new("weights", Tensor.From<float>(shape, values));
}
