using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Training.Tests;

/// <summary>Every operator's gradient equals the differences of a double-precision reference.</summary>
public sealed class GradientTests
{
    [Theory]
    [InlineData(2, 7, 6, 5, 4, 3, 3, 1, 1, 1, Activation.None)]
    [InlineData(3, 7, 6, 5, 19, 3, 3, 1, 1, 1, Activation.Relu)]
    [InlineData(2, 8, 9, 3, 8, 3, 3, 2, 1, 1, Activation.Relu6)]
    [InlineData(2, 9, 9, 3, 16, 3, 3, 2, 0, 1, Activation.Relu)]
    [InlineData(2, 5, 5, 20, 33, 1, 1, 1, 0, 1, Activation.Relu)]
    [InlineData(2, 6, 5, 9, 5, 1, 1, 2, 0, 1, Activation.None)]
    [InlineData(2, 9, 8, 4, 6, 3, 2, 1, 2, 2, Activation.Relu)]
    [InlineData(1, 9, 8, 13, 17, 5, 3, 1, 2, 1, Activation.None)]
    [InlineData(2, 4, 4, 2, 3, 3, 3, 1, 3, 1, Activation.None)]
    [InlineData(2, 11, 5, 1, 7, 5, 5, 3, 2, 1, Activation.Relu)]
    [InlineData(2, 6, 6, 16, 40, 3, 3, 1, 1, 1, Activation.Relu)]
    [InlineData(2, 7, 8, 16, 16, 3, 3, 1, 1, 1, Activation.Relu)]
    public void Conv2D_passes_the_gradient_to_input_weights_and_bias(
        int batch, int height, int width, int inputs, int outputs, int kernelHeight, int kernelWidth, int stride, int padding, int dilation, Activation activation) =>
        GradientCheck.Layers(batch, [height, width, inputs], (b, x) =>
            Window(b, x, new Conv2D(stride, Padding.Uniform(padding), dilation, activation), outputs, kernelHeight, kernelWidth));

    [Fact]
    public void Conv2D_handles_padding_that_differs_on_each_side() =>
        GradientCheck.Layers(2, [6, 7, 3], (b, x) => Window(b, x, new Conv2D(2, new Padding(0, 1, 2, 0), 1), 9, 3, 3));

    [Theory]
    [InlineData(2, 6, 7, 8, 3, 1, 1, 1, Activation.Relu6)]
    [InlineData(2, 7, 6, 5, 3, 2, 1, 1, Activation.None)]
    [InlineData(3, 8, 8, 24, 3, 2, 0, 1, Activation.Relu)]
    [InlineData(2, 9, 9, 17, 5, 1, 2, 1, Activation.Relu)]
    [InlineData(2, 9, 9, 3, 3, 1, 2, 2, Activation.None)]
    public void DepthwiseConv2D_passes_the_gradient_to_input_weights_and_bias(
        int batch, int height, int width, int channels, int kernel, int stride, int padding, int dilation, Activation activation) =>
        GradientCheck.Layers(batch, [height, width, channels], (b, x) => b.Apply(
            new DepthwiseConv2D(stride, Padding.Uniform(padding), dilation, activation), "layer",
            [x, Constant("layer/weights", kernel, kernel, channels), Constant("layer/bias", channels)]));

    [Fact]
    public void Pad_before_a_convolution_is_part_of_its_padding() => GradientCheck.Layers(2, [6, 6, 4], (b, x) =>
    {
        var y = b.Pad(x, new Padding(0, 0, 1, 1));
        y = b.DepthwiseConv2D(y, 3, 2, BorderMode.Valid, bias: false);
        return b.Relu6(b.BatchNorm(y));
    });

    [Fact]
    public void Pad_read_twice_passes_the_gradient_without_its_border() => GradientCheck.Layers(2, [4, 5, 3], (b, x) =>
    {
        var y = b.Pad(x, new Padding(1, 0, 2, 1));
        return b.Add(b.Sigmoid(y), y);
    });

    [Theory]
    [InlineData(2, 7, 7, 16, 3, 2, BorderMode.Valid)]
    [InlineData(2, 6, 5, 5, 3, 2, BorderMode.Ceil)]
    [InlineData(3, 6, 6, 35, 2, 2, BorderMode.Same)]
    [InlineData(2, 5, 5, 7, 3, 1, BorderMode.Same)]
    public void MaxPool2D_passes_the_gradient_to_the_largest_pixel(int batch, int height, int width, int channels, int kernel, int stride, BorderMode border) =>
        GradientCheck.Layers(batch, [height, width, channels], (b, x) => b.MaxPool2D(x, kernel, stride, border));

    [Fact]
    public void MaxPool2D_behind_a_clipped_convolution_applies_the_clipping_itself() => GradientCheck.Layers(2, [8, 8, 3], (b, x) =>
        b.MaxPool2D(b.Conv2D(x, 18, 3, activation: Activation.Relu), 3, 2));

    [Theory]
    [InlineData(5, 19, 3, 16, BorderMode.Valid, BorderMode.Valid)]
    [InlineData(3, 14, 1, 21, BorderMode.Same, BorderMode.Ceil)]
    [InlineData(2, 15, 12, 8, BorderMode.Valid, BorderMode.Same)]
    public void MaxPool2D_computes_the_first_convolution_itself(int batch, int side, int channels, int filters, BorderMode border, BorderMode poolBorder)
    {
        var b = new GraphBuilder("pooled", 1);
        var x = b.Conv2D(b.Input("x", 1, side, side, channels), filters, 3, 2, border, activation: Activation.Relu6);
        x = b.Conv2D(b.MaxPool2D(x, 3, 2, poolBorder), 5, 1);
        GradientCheck.Network(b.Build(null, b.Softmax(b.GlobalAveragePool(x))), batch, samples: 12, inputGradient: false);
    }

    [Fact]
    public void MaxPool2D_of_equal_values_gives_the_gradient_to_the_first() => GradientCheckOfTies();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AveragePool2D_shares_the_gradient_among_the_window(bool countsPadding) => GradientCheck.Layers(2, [5, 6, 5], (b, x) =>
        b.Apply(new AveragePool2D(3, 2, Padding.Uniform(1), countsPadding, Activation.Relu), "layer", [x]));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void GlobalAveragePool_shares_the_gradient_among_all_pixels(bool keepDimensions) =>
        GradientCheck.Layers(3, [4, 3, 7], (b, x) => b.GlobalAveragePool(x, keepDimensions));

    [Fact]
    public void Dense_passes_the_gradient_to_input_weights_and_bias() =>
        GradientCheck.Layers(5, [1, 1, 37], (b, x) => b.Dense(b.Reshape(x, new Shape(1, 37)), 21, Activation.Relu));

    [Fact]
    public void Add_passes_the_gradient_to_both_inputs() => GradientCheck.Layers(2, [4, 4, 5], (b, x) =>
    {
        var y = b.Conv2D(x, 5, 1);
        return b.Apply(new Add(Activation.Relu), "sum", [b.Conv2D(y, 5, 3), y]);
    });

    [Fact]
    public void Add_of_a_value_to_itself_doubles_the_gradient() => GradientCheck.Layers(2, [3, 3, 4], (b, x) => b.Add(x, x));

    [Fact]
    public void Add_of_one_value_a_channel_sums_the_gradient_over_the_pixels() => GradientCheck.Layers(3, [4, 4, 6], (b, x) =>
        b.Add(b.Sigmoid(x), b.GlobalAveragePool(x, keepDimensions: true)));

    [Fact]
    public void Multiply_passes_each_input_the_gradient_times_the_other() => GradientCheck.Layers(2, [4, 4, 5], (b, x) =>
        b.Apply(new Multiply(Activation.Relu6), "product", [b.Conv2D(x, 5, 1), b.Conv2D(x, 5, 3)]));

    [Fact]
    public void Squeeze_and_excite_passes_the_gradient_through_both_paths() => GradientCheck.Layers(3, [4, 4, 12], (b, x) =>
    {
        var y = b.Conv2D(x, 12, 3);
        var s = b.GlobalAveragePool(y, keepDimensions: true);
        s = b.Conv2D(s, 4, 1, activation: Activation.Relu6);
        s = b.Sigmoid(b.Clip(b.Conv2D(s, 12, 1), -4, 4));
        return b.Multiply(y, s);
    });

    [Fact]
    public void Clip_and_sigmoid_pass_the_gradient_where_they_are_not_flat() =>
        GradientCheck.Layers(2, [5, 5, 7], (b, x) => b.Sigmoid(b.Clip(x, -0.5f, 0.4f)));

    [Fact]
    public void Softmax_inside_a_network_passes_the_gradient() =>
        GradientCheck.Layers(3, [2, 2, 6], (b, x) => b.Apply(new Softmax(1.5f), "attention", [b.Conv2D(x, 6, 1)]));

    [Theory]
    [InlineData(4, 5, 5, 8)]
    [InlineData(3, 4, 5, 5)]
    [InlineData(2, 6, 6, 24)]
    [InlineData(2, 3, 3, 33)]
    [InlineData(6, 40, 41, 3)]
    public void BatchNorm_passes_the_gradient_through_the_statistics(int batch, int height, int width, int channels) =>
        GradientCheck.Layers(batch, [height, width, channels], (b, x) => b.Relu6(b.BatchNorm(x)));

    [Fact]
    public void BatchNorm_without_clipping_and_read_twice_passes_the_gradient() => GradientCheck.Layers(4, [3, 3, 6], (b, x) =>
    {
        var y = b.Conv2D(x, 6, 1, bias: false);
        return b.Add(b.BatchNorm(y), y);
    });

    [Theory]
    [InlineData(4, 9, 5, 3, 1, true)]
    [InlineData(4, 24, 16, 3, 1, true)]
    [InlineData(4, 25, 16, 3, 2, true)]
    [InlineData(3, 11, 24, 5, 1, true)]
    [InlineData(3, 14, 20, 5, 2, true)]
    [InlineData(6, 20, 17, 3, 1, false)]
    [InlineData(2, 13, 8, 3, 2, false)]
    public void Convolutions_between_normalizations_pass_the_gradient(int batch, int side, int channels, int kernel, int stride, bool isDepthwise) =>
        GradientCheck.Layers(batch, [side, side, 3], (b, x) =>
        {
            var first = b.Relu6(b.BatchNorm(b.Conv2D(x, channels, 3)));
            var y = isDepthwise ? b.DepthwiseConv2D(first, kernel, stride) : b.Conv2D(first, channels, kernel, stride);
            y = b.Relu6(b.BatchNorm(y));
            y = b.BatchNorm(b.Conv2D(y, 6, 1, bias: false));
            return b.GlobalAveragePool(b.Add(y, b.Conv2D(y, 6, 1, activation: Activation.Relu)));
        }, samples: 2);

    [Fact]
    public void Normalized_value_read_by_two_convolutions_receives_both_gradients() => GradientCheck.Layers(4, [7, 8, 3], (b, x) =>
    {
        var y = b.Relu6(b.BatchNorm(b.Conv2D(x, 10, 3)));
        return b.Add(b.Conv2D(y, 10, 3, bias: false), b.DepthwiseConv2D(y, 3));
    });

    [Fact]
    public void Dropout_uses_the_same_mask_forward_and_backward() => GradientCheck.Layers(3, [6, 6, 5], (b, x) =>
        b.Dropout(b.Conv2D(x, 8, 3, activation: Activation.Relu), 0.4f));

    [Fact]
    public void Drop_connect_drops_the_same_samples_forward_and_backward() => GradientCheck.Layers(6, [5, 4, 3], (b, x) =>
    {
        var y = b.Conv2D(x, 6, 1);
        return b.Add(b.DropConnect(b.BatchNorm(b.Conv2D(y, 6, 3)), 0.5f), y);
    });

    [Fact]
    public void Concat_along_the_channels_reads_gradients_from_slices() => GradientCheck.Layers(2, [5, 5, 4], (b, x) =>
        b.MaxPool2D(Fire(b, Fire(b, x, 3, 16), 5, 20), 3, 2));

    [Fact]
    public void Concat_of_values_read_elsewhere_copies() => GradientCheck.Layers(2, [4, 4, 3], (b, x) =>
    {
        var y = b.Conv2D(x, 5, 3, activation: Activation.Relu);
        return b.Concat("concat", y, b.Sigmoid(y), x);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_sum_behind_joined_rectified_values_leaves_them_to_their_gradients(bool hasDropout) => GradientCheck.Layers(2, [5, 5, 4], (b, x) =>
    {
        var y = b.Conv2D(x, 6, 1);
        var joined = b.Concat(null, b.Conv2D(y, 3, 1, activation: Activation.Relu), b.Conv2D(y, 3, 3, activation: Activation.Relu));
        return b.Add(hasDropout ? b.Dropout(joined, 0.5f) : joined, y);
    });

    [Fact]
    public void A_sum_behind_a_reshaped_value_leaves_it_to_its_other_reader() => GradientCheck.Layers(2, [4, 4, 3], (b, x) =>
    {
        var y = b.Conv2D(x, 4, 1, activation: Activation.Relu);
        var flat = b.Reshape(y, new Shape(1, 64));
        return b.Add(flat, b.Reshape(b.Sigmoid(y), new Shape(1, 64)));
    });

    [Fact]
    public void Concat_along_the_rows_splits_the_gradient() => GradientCheck.Layers(2, [4, 4, 3], (b, x) =>
        b.Apply(new Concat(1), "rows", [b.Sigmoid(x), b.Conv2D(x, 3, 1)]));

    [Fact]
    public void Label_smoothing_changes_target_and_loss() =>
        GradientCheck.Layers(3, [3, 3, 4], (b, x) => b.Conv2D(x, 4, 3), smoothing: 0.1f);

    [Fact]
    public void Small_squeezenet_passes_the_gradient_from_end_to_end()
    {
        var b = new GraphBuilder("squeezenet", 1);
        var x = b.Input("image", 1, 19, 19, 3);
        x = b.MaxPool2D(b.Conv2D(x, 16, 3, 2, BorderMode.Valid, activation: Activation.Relu), 3, 2);
        x = Fire(b, Fire(b, x, 4, 16), 4, 16);
        x = b.Dropout(x, 0.5f);
        x = b.Conv2D(x, 4, 1, activation: Activation.Relu);
        GradientCheck.Network(b.Build(null, b.Softmax(b.GlobalAveragePool(x))), 4);
    }

    [Fact]
    public void Small_mobilenet_passes_the_gradient_from_end_to_end()
    {
        var b = new GraphBuilder("mobilenet", 1);
        var x = b.Input("image", 1, 16, 16, 3);
        x = b.Relu6(b.BatchNorm(b.Conv2D(x, 8, 3, 2, bias: false)));
        foreach (var (filters, stride) in new[] { (16, 1), (24, 2), (24, 1) })
        {
            if (stride == 2)
                x = b.Pad(x, new Padding(0, 0, 1, 1));
            x = b.DepthwiseConv2D(x, 3, stride, stride == 2 ? BorderMode.Valid : BorderMode.Same, bias: false);
            x = b.Relu6(b.BatchNorm(x));
            x = b.Relu6(b.BatchNorm(b.Conv2D(x, filters, 1, bias: false)));
        }

        GradientCheck.Network(b.Build(null, b.Softmax(b.Dense(b.GlobalAveragePool(x), 5))), 6);
    }

    [Fact]
    public void Small_efficientnet_passes_the_gradient_from_end_to_end()
    {
        var b = new GraphBuilder("efficientnet", 1);
        var x = b.Input("image", 1, 12, 12, 3);
        x = b.Relu6(b.BatchNorm(b.Conv2D(x, 8, 3, 2)));
        foreach (var (filters, stride) in new[] { (8, 1), (12, 2), (12, 1) })
        {
            var y = b.Relu6(b.BatchNorm(b.Conv2D(x, 3 * x.Shape.Channels, 1)));
            y = b.Relu6(b.BatchNorm(b.DepthwiseConv2D(y, 5, stride)));
            var gate = b.Conv2D(b.GlobalAveragePool(y, keepDimensions: true), 4, 1);
            gate = b.Conv2D(b.Multiply(gate, b.Sigmoid(gate)), y.Shape.Channels, 1);
            y = b.BatchNorm(b.Conv2D(b.Multiply(y, b.Sigmoid(b.Clip(gate, -4, 4))), filters, 1));
            x = stride == 1 && filters == x.Shape.Channels ? b.Add(b.DropConnect(y, 0.3f), x) : y;
        }

        GradientCheck.Network(b.Build(null, b.Softmax(b.Dense(b.GlobalAveragePool(x), 5))), 6);
    }

    private static Value Fire(GraphBuilder b, Value x, int squeeze, int expand)
    {
        var s = b.Conv2D(x, squeeze, 1, activation: Activation.Relu);
        return b.Concat(null, b.Conv2D(s, expand, 1, activation: Activation.Relu), b.Conv2D(s, expand, 3, activation: Activation.Relu));
    }

    private static Value Window(GraphBuilder b, Value x, Conv2D op, int outputs, int kernelHeight, int kernelWidth) => b.Apply(
        op, "layer", [x, Constant("layer/weights", outputs, kernelHeight, kernelWidth, x.Shape.Channels), Constant("layer/bias", outputs)]);

    private static Value Constant(string name, params int[] shape) => new(name, new Tensor(ElementType.Float32, new Shape(shape)));

    private static void GradientCheckOfTies()
    {
        var b = new GraphBuilder("ties", 1);
        var x = b.Input("x", 1, 3, 3, 17);
        var y = b.Reshape(b.MaxPool2D(x, 3, 1), new Shape(1, 17));
        var graph = b.Build(null, b.Dense(y, 2));
        using var pool = new Execution.WorkerPool(1);
        using var plan = TrainingPlan.Compile(graph, new TrainingPlanOptions { Batch = 1, InputGradient = true }, pool);
        plan.Images.Fill(1);
        plan.Run();
        for (var i = 0; i < 9 * 17; i++)
            Assert.Equal(i < 17, plan.InputGradient[i] != 0);
    }
}
