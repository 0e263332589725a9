using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Numerics;

namespace Kindling.Deployment.Generation.Operators;

/// <summary>RELU, RELU6 and other clippings; with another scale behind them they become a table.</summary>
internal static class ClipEmitter
{
    public static void Emit(NetworkSource source, Node node, Clip clip)
    {
        var (input, output) = (node.Inputs[0], node.Output);
        source.RequireContiguous(input);
        source.RequireContiguous(output);
        var quantization = source.Int8(output);
        if (!quantization.Equals(source.Int8(input)))
        {
            LookupEmitter.Emit(source, node);
            return;
        }

        var (min, max) = QuantizedArithmetic.ClipRange(clip.Min, clip.Max, quantization);
        source.Call("kindling_clip_s8", $"{min}, {max}, {source.Count(output)}, {source.At(input)}, {source.At(output)}");
    }
}
