using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Deployment.Generation.Operators;

/// <summary>PAD that could not be folded into the layer behind it.</summary>
internal static class PadEmitter
{
    public static void Emit(NetworkSource source, Node node, Pad pad)
    {
        var (input, output) = (node.Inputs[0], node.Output);
        source.RequireContiguous(input);
        source.RequireContiguous(output);
        var quantization = source.Int8(input);
        if (!quantization.Equals(source.Int8(output)))
            throw source.Fail("input and output must share scale and zero point");
        source.Describe(
            "kindling_pad",
            ("height", source.UInt16(input.Shape.Height, "rows")),
            ("width", source.UInt16(input.Shape.Width, "columns")),
            ("channels", source.UInt16(input.Shape.Channels, "channels")),
            ("top", source.UInt16(pad.Padding.Top, "rows")),
            ("left", source.UInt16(pad.Padding.Left, "columns")),
            ("bottom", source.UInt16(pad.Padding.Bottom, "rows")),
            ("right", source.UInt16(pad.Padding.Right, "columns")),
            ("zero_point", $"{quantization.ZeroPoint}"));
        source.Call("kindling_pad_s8", $"{source.Layer}, {source.At(input)}, {source.At(output)}");
    }
}
