using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Numerics;

namespace Kindling.Deployment.Generation.Operators;

/// <summary>CONV_2D and DEPTHWISE_CONV_2D, whose descriptions have much in common.</summary>
internal static class Conv2DEmitter
{
    public static void Emit(NetworkSource source, Node node, Conv2D conv)
    {
        var weights = node.Inputs[1].Shape;
        var window = source.Window(new Size2D(weights[1], weights[2]), conv.Stride, conv.Dilation, conv.Padding);
        if (source.Layouts.Convolution(node) is not { } layout)
        {
            EmitPlain(source, node, "kindling_conv2d_plain_s8", window, conv.Activation, weights[1] * weights[2] * weights[3]);
            return;
        }

        CheckWeights(source, node);
        var name = $"{node.Inputs[1].Name} {weights}";
        var pairs = layout.Pairs.Length > 0
            ? source.PackedWeights("int16_t", "weight_pairs", layout.Pairs, layout.Taps, 2L * layout.Pairs.Length, name)
            : "0";
        var last = layout.Last.Length > 0 ? source.PackedWeights("int8_t", "last_weights", layout.Last, layout.Taps, layout.Last.Length, name) : "0";
        Describe(
            source, node, "kindling_conv2d", window, conv.Activation, [("weight_pairs", pairs), ("last_weights", last), .. Constants(source, layout.Rounding)]);
        source.Call("kindling_conv2d_s8", $"{source.Layer}, {source.At(node.Inputs[0])}, {source.At(node.Output)}, {source.Scratch()}");
    }

    public static void Emit(NetworkSource source, Node node, DepthwiseConv2D conv)
    {
        var weights = node.Inputs[1].Shape;
        var window = source.Window(new Size2D(weights[0], weights[1]), conv.Stride, conv.Dilation, conv.Padding);
        if (source.Layouts.Depthwise(node) is not { } layout)
        {
            EmitPlain(source, node, "kindling_depthwise_conv2d_plain_s8", window, conv.Activation, weights[2]);
            return;
        }

        CheckWeights(source, node);
        var packed = source.PackedWeights(
            "int8_t", "weights", layout.Weights, weights[0] * weights[1], layout.Weights.Length, $"{node.Inputs[1].Name} {weights}, channel by channel");
        Describe(
            source, node, "kindling_depthwise_conv2d", window, conv.Activation,
            [
                ("weights", packed), .. Constants(source, layout.Rounding), ("rows_first", "0"),
                ("row_words", source.UInt16(layout.RowWords, "words of a row")), ("block_rows", $"{source.BlockRows(node)}"),
            ]);
        source.Call("kindling_depthwise_conv2d_s8", $"{source.Layer}, {source.At(node.Inputs[0])}, {source.At(node.Output)}, {source.Scratch()}");
    }

    private static void EmitPlain(NetworkSource source, Node node, string kernel, string window, Activation activation, int rowLength)
    {
        var scales = CheckWeights(source, node);
        var (input, weights, output) = (node.Inputs[0], node.Inputs[1], node.Output);
        var channels = output.Shape.Channels;
        var (multipliers, shifts) = source.Requantization(QuantizedArithmetic.ConvolutionMultipliers(
            source.Int8(input), scales, source.Int8(output), channels));
        Describe(
            source, node, "kindling_plain_conv2d", window, activation,
            [
                ("weights", source.Int8Constant(weights, "weights", rowLength)), ("bias", source.Bias(node.Inputs.ElementAtOrDefault(2), channels)),
                ("multipliers", multipliers), ("shifts", shifts),
            ]);
        source.Call(kernel, $"{source.Layer}, {source.At(input)}, {source.At(output)}");
    }

    private static Tensors.Quantization CheckWeights(NetworkSource source, Node node) =>
        WeightQuantization.Of(source, node.Inputs[1], node.Output.Shape.Channels);

    private static (string Field, string Value)[] Constants(NetworkSource source, FastRounding rounding)
    {
        var (constants, shifts) = source.Rounding(rounding);
        return [("constants", constants), ("shifts", shifts), ("rounding", rounding.Kind)];
    }

    private static void Describe(
        NetworkSource source, Node node, string type, string window, Activation activation, (string Field, string Value)[] constants)
    {
        var (inputQuantization, outputQuantization) = (source.Int8(node.Inputs[0]), source.Int8(node.Output));
        var (min, max) = QuantizedArithmetic.ActivationRange(activation, outputQuantization);
        source.Describe(
            type,
            [
                ("input", source.Image(node.Inputs[0])), ("output", source.Image(node.Output)), ("window", window), .. constants,
                ("input_zero_point", $"{inputQuantization.ZeroPoint}"), ("output_zero_point", $"{outputQuantization.ZeroPoint}"),
                ("activation_min", $"{min}"), ("activation_max", $"{max}"),
            ]);
    }
}
