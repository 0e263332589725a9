using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Numerics;

namespace Kindling.Deployment.Generation.Operators;

/// <summary>ADD and SUB, which differ in the sign of the second summand.</summary>
internal static class AddEmitter
{
    public static void Emit(NetworkSource source, Node node, Add add) => Emit(source, node, add.Activation, "kindling_add_s8");

    public static void Emit(NetworkSource source, Node node, Subtract subtract) => Emit(source, node, subtract.Activation, "kindling_sub_s8");

    private static void Emit(NetworkSource source, Node node, Activation activation, string kernel)
    {
        var (first, second, output) = (node.Inputs[0], node.Inputs[1], node.Output);
        var (a, b, sum) = (source.Int8(first), source.Int8(second), source.Int8(output));
        source.RequireContiguous(output);
        var (firstFactor, secondFactor, outputFactor) = QuantizedArithmetic.AddMultipliers(a, b, sum);
        var (min, max) = QuantizedArithmetic.ActivationRange(activation, sum);
        source.Describe(
            "kindling_add",
            ("pixels", $"{first.Shape.Pixels}"),
            ("channels", source.UInt16(first.Shape.Channels, "channels")),
            ("second_step", $"{Operands.SecondStep(node)}"),
            ("first_zero_point", $"{a.ZeroPoint}"),
            ("second_zero_point", $"{b.ZeroPoint}"),
            ("output_zero_point", $"{sum.ZeroPoint}"),
            ("activation_min", $"{min}"),
            ("activation_max", $"{max}"),
            ("first_shift", $"{firstFactor.Shift}"),
            ("second_shift", $"{secondFactor.Shift}"),
            ("output_shift", $"{outputFactor.Shift}"),
            ("first_multiplier", $"{firstFactor.Multiplier}"),
            ("second_multiplier", $"{secondFactor.Multiplier}"),
            ("output_multiplier", $"{outputFactor.Multiplier}"));
        source.Call(
            kernel, $"{source.Layer}, {Operands.Address(source, first)}, {Operands.Address(source, second)}, {source.At(output)}");
    }
}
