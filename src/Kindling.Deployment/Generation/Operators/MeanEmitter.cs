using Kindling.Graphs;
using Kindling.Numerics;

namespace Kindling.Deployment.Generation.Operators;

/// <summary>MEAN over rows and columns.</summary>
internal static class MeanEmitter
{
    public static void Emit(NetworkSource source, Node node)
    {
        var (input, output) = (node.Inputs[0], node.Output);
        source.RequireContiguous(input);
        source.RequireContiguous(output);
        var (inputQuantization, outputQuantization) = (source.Int8(input), source.Int8(output));
        var pixels = input.Shape.Height * input.Shape.Width;
        var factor = QuantizedArithmetic.MeanMultiplier(inputQuantization, outputQuantization, pixels);
        source.Describe(
            "kindling_mean",
            ("pixels", $"{pixels}"),
            ("channels", source.UInt16(input.Shape.Channels, "channels")),
            ("input_zero_point", $"{inputQuantization.ZeroPoint}"),
            ("output_zero_point", $"{outputQuantization.ZeroPoint}"),
            ("shift", $"{factor.Shift}"),
            ("multiplier", $"{factor.Multiplier}"));
        if (source.IsStaged)
            source.Call("kindling_mean_rows_s8", $"{source.Layer}, rows->first_row * {input.Shape.Width}, rows->rows * {input.Shape.Width}, {source.At(input)}, {source.Sums()}, {source.At(output)}");
        else
            source.Call("kindling_mean_s8", $"{source.Layer}, {source.At(input)}, {source.At(output)}");
    }
}
