using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Deployment.Generation.Operators;

/// <summary>SOFTMAX.</summary>
internal static class SoftmaxEmitter
{
    // The device keeps the sum of exponentials with 12 integer bits.
    private const int LongestRow = 4095;

    public static void Emit(NetworkSource source, Node node, Softmax softmax)
    {
        var (input, output) = (node.Inputs[0], node.Output);
        source.RequireContiguous(input);
        source.RequireContiguous(output);
        var quantization = source.Int8(input);
        if (source.Int8(output) is not { Scale: 1f / 256, ZeroPoint: -128 })
            throw source.Fail($"output {output.Name} has {output.Quantization}, not scale 1/256 and zero point -128");
        if (output.Shape.Channels > LongestRow)
            throw source.Fail($"{output.Shape.Channels} classes are more than {LongestRow}");
        var table = source.Table("int32_t", 4, SoftmaxTable.Create(softmax.Beta, quantization));
        source.Describe(
            "kindling_softmax",
            ("rows", $"{output.Shape.Pixels}"),
            ("length", $"{output.Shape.Channels}"),
            ("exponentials", table));
        source.Call("kindling_softmax_s8", $"{source.Layer}, {source.At(input)}, {source.At(output)}");
    }
}
