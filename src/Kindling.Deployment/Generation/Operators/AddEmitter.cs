using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Deployment.Generation.Operators;

/// <summary>ADD.</summary>
internal static class AddEmitter
{
    private const int ExtraBits = 20;

    public static void Emit(NetworkSource source, Node node, Add add)
    {
        var (first, second, output) = (node.Inputs[0], node.Inputs[1], node.Output);
        var (a, b, sum) = (source.Int8(first), source.Int8(second), source.Int8(output));
        source.RequireContiguous(output);
        var twiceLarger = 2.0 * Math.Max(a.Scale, b.Scale);
        var firstFactor = QuantizedMultiplier.From(a.Scale / twiceLarger);
        var secondFactor = QuantizedMultiplier.From(b.Scale / twiceLarger);
        var outputFactor = QuantizedMultiplier.From(twiceLarger / ((1 << ExtraBits) * (double)sum.Scale));
        var (low, high) = add.Activation.Range();
        var (min, max) = ActivationRange.Of(low, high, sum);
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
            "kindling_add_s8", $"&{source.LayerName}, {Operands.Address(source, first)}, {Operands.Address(source, second)}, {source.At(output)}");
    }
}
