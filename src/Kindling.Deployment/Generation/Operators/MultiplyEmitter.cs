using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Numerics;

namespace Kindling.Deployment.Generation.Operators;

/// <summary>MUL.</summary>
internal static class MultiplyEmitter
{
    public static void Emit(NetworkSource source, Node node, Multiply multiply)
    {
        var (first, second, output) = (node.Inputs[0], node.Inputs[1], node.Output);
        var (a, b, product) = (source.Int8(first), source.Int8(second), source.Int8(output));
        source.RequireContiguous(output);
        var factor = QuantizedArithmetic.ProductMultiplier(a, b, product);
        var (min, max) = QuantizedArithmetic.ActivationRange(multiply.Activation, product);
        source.Describe(
            "kindling_mul",
            ("pixels", $"{first.Shape.Pixels}"),
            ("channels", source.UInt16(first.Shape.Channels, "channels")),
            ("second_step", $"{Operands.SecondStep(node)}"),
            ("first_zero_point", $"{a.ZeroPoint}"),
            ("second_zero_point", $"{b.ZeroPoint}"),
            ("output_zero_point", $"{product.ZeroPoint}"),
            ("activation_min", $"{min}"),
            ("activation_max", $"{max}"),
            ("shift", $"{factor.Shift}"),
            ("multiplier", $"{factor.Multiplier}"));
        source.Call(
            "kindling_mul_s8", $"{source.Layer}, {Operands.Address(source, first)}, {Operands.Address(source, second)}, {source.At(output)}");
    }
}
