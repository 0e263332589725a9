using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Numerics;

namespace Kindling.Deployment.Generation.Operators;

/// <summary>CONV_2D and DEPTHWISE_CONV_2D, which share their description.</summary>
internal static class Conv2DEmitter
{
    public static void Emit(NetworkSource source, Node node, Conv2D conv)
    {
        var weights = node.Inputs[1].Shape;
        Emit(
            source, node, "kindling_conv2d_s8", source.Window(new Size2D(weights[1], weights[2]), conv.Stride, conv.Dilation, conv.Padding),
            conv.Activation, weights[1] * weights[2] * weights[3]);
    }

    public static void Emit(NetworkSource source, Node node, DepthwiseConv2D conv)
    {
        var weights = node.Inputs[1].Shape;
        Emit(
            source, node, "kindling_depthwise_conv2d_s8",
            source.Window(new Size2D(weights[0], weights[1]), conv.Stride, conv.Dilation, conv.Padding), conv.Activation, weights[2]);
    }

    private static void Emit(NetworkSource source, Node node, string kernel, string window, Activation activation, int rowLength)
    {
        var (input, weights, output) = (node.Inputs[0], node.Inputs[1], node.Output);
        var (inputQuantization, outputQuantization) = (source.Int8(input), source.Int8(output));
        var (min, max) = QuantizedArithmetic.ActivationRange(activation, outputQuantization);
        var channels = output.Shape.Channels;
        var (multipliers, shifts) = source.Requantization(QuantizedArithmetic.ConvolutionMultipliers(
            inputQuantization, WeightQuantization.Of(source, weights, channels), outputQuantization, channels));
        source.Describe(
            "kindling_conv2d",
            ("input", source.Image(input)),
            ("output", source.Image(output)),
            ("window", window),
            ("weights", source.Int8Constant(weights, "weights", rowLength)),
            ("bias", source.Bias(node.Inputs.ElementAtOrDefault(2), channels)),
            ("multipliers", multipliers),
            ("shifts", shifts),
            ("input_zero_point", $"{inputQuantization.ZeroPoint}"),
            ("output_zero_point", $"{outputQuantization.ZeroPoint}"),
            ("activation_min", $"{min}"),
            ("activation_max", $"{max}"));
        source.Call(kernel, $"&{source.LayerName}, {source.At(input)}, {source.At(output)}");
    }
}
