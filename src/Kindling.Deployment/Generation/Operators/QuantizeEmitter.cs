using Kindling.Graphs;
using Kindling.Numerics;
using Kindling.Tensors;

namespace Kindling.Deployment.Generation.Operators;

/// <summary>QUANTIZE from float or from other 8-bit values.</summary>
internal static class QuantizeEmitter
{
    public static void Emit(NetworkSource source, Node node)
    {
        var (input, output) = (node.Inputs[0], node.Output);
        source.RequireContiguous(input);
        source.RequireContiguous(output);
        var to = source.Quantized(output);
        var outputIsUnsigned = output.Type == ElementType.UInt8 ? "1" : "0";
        if (input.Type == ElementType.Float32)
        {
            source.Describe(
                "kindling_quantize",
                ("count", $"{output.Shape.ElementCount}"),
                ("scale", CText.Float(to.Scale)),
                ("zero_point", $"{to.ZeroPoint}"),
                ("output_is_unsigned", outputIsUnsigned));
            source.Call("kindling_quantize_f32", $"{source.Layer}, {source.At(input)}, {source.At(output)}");
            return;
        }

        var from = source.Quantized(input);
        var factor = QuantizedArithmetic.RequantizeMultiplier(from, to);
        source.Describe(
            "kindling_rescale",
            ("count", $"{output.Shape.ElementCount}"),
            ("multiplier", $"{factor.Multiplier}"),
            ("shift", $"{factor.Shift}"),
            ("input_zero_point", $"{from.ZeroPoint}"),
            ("output_zero_point", $"{to.ZeroPoint}"),
            ("input_is_unsigned", input.Type == ElementType.UInt8 ? "1" : "0"),
            ("output_is_unsigned", outputIsUnsigned),
            ("same_scale", from.Scale == to.Scale ? "1" : "0"));
        source.Call("kindling_rescale_8", $"{source.Layer}, {source.At(input)}, {source.At(output)}");
    }
}
