using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Numerics;

namespace Kindling.Deployment.Generation.Operators;

/// <summary>FULLY_CONNECTED.</summary>
internal static class FullyConnectedEmitter
{
    public static void Emit(NetworkSource source, Node node, Dense dense)
    {
        var (input, weights, output) = (node.Inputs[0], node.Inputs[1], node.Output);
        source.RequireContiguous(input);
        source.RequireContiguous(output);
        var (inputQuantization, outputQuantization) = (source.Int8(input), source.Int8(output));
        var (min, max) = QuantizedArithmetic.ActivationRange(dense.Activation, outputQuantization);
        var weightQuantization = WeightQuantization.Of(source, weights, output.Shape.Channels);
        var (multipliers, shifts) = source.Requantization(QuantizedArithmetic.DenseMultipliers(
            inputQuantization, weightQuantization, outputQuantization, weightQuantization.Scales.Count));
        source.Describe(
            "kindling_fully_connected",
            ("inputs", source.UInt16(input.Shape.Channels, "inputs")),
            ("outputs", source.UInt16(output.Shape.Channels, "outputs")),
            ("weights", source.Int8Constant(weights, "weights", input.Shape.Channels)),
            ("bias", source.Bias(node.Inputs.ElementAtOrDefault(2), output.Shape.Channels)),
            ("multipliers", multipliers),
            ("shifts", shifts),
            ("per_channel", weightQuantization.IsPerChannel ? "1" : "0"),
            ("input_zero_point", $"{inputQuantization.ZeroPoint}"),
            ("output_zero_point", $"{outputQuantization.ZeroPoint}"),
            ("activation_min", $"{min}"),
            ("activation_max", $"{max}"));
        source.Call("kindling_fully_connected_s8", $"{source.Layer}, {source.At(input)}, {source.At(output)}");
    }
}
