using Kindling.Graphs;
using Kindling.Tensors;

namespace Kindling.Deployment.Generation.Operators;

/// <summary>DEQUANTIZE.</summary>
internal static class DequantizeEmitter
{
    public static void Emit(NetworkSource source, Node node)
    {
        var (input, output) = (node.Inputs[0], node.Output);
        source.RequireContiguous(input);
        source.RequireContiguous(output);
        var quantization = source.Quantized(input);
        if (output.Type != ElementType.Float32)
            throw source.Fail($"{output.Name} is {output.Type.Name()}, not float32");
        source.Describe(
            "kindling_dequantize",
            ("count", $"{output.Shape.ElementCount}"),
            ("scale", CText.Float(quantization.Scale)),
            ("zero_point", $"{quantization.ZeroPoint}"),
            ("input_is_unsigned", input.Type == ElementType.UInt8 ? "1" : "0"));
        source.Call("kindling_dequantize_f32", $"{source.Layer}, {source.At(input)}, {source.At(output)}");
    }
}
