using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Formats.Onnx.Import.Operators;

/// <summary>Pad of an image with zeros: pads as an attribute ("paddings" in opset 1), or from opset 11 on as an input.</summary>
internal static class PadImport
{
    public static void Import(ImportContext context, OnnxNode node)
    {
        var input = context.Activation(node);
        var mode = node.Text("mode", "constant");
        if (mode != "constant")
            node.Fail($"mode is \"{mode}\"; only constant is supported");
        var pads = node.Opset < 11
            ? node.Ints("pads") ?? node.Ints("paddings") ?? throw node.Fault("pads are missing")
            : context.Integers(node, context.Constant(node, 1));
        if (!IsZero(context, node, input))
            node.Fail("pads with another number than 0, which is not supported");
        var rank = input.Layout.Rank;
        var perDimension = Spread(context, node, pads, rank);
        if (perDimension.All(p => p == 0))
        {
            BinaryImport.Alias(context, node, input);
            return;
        }

        if (perDimension.Any(p => p is < 0 or > OnnxLimits.LargestWindow))
            node.Fail($"pads are [{string.Join(", ", pads.Take(16))}]; allowed is 0 to {OnnxLimits.LargestWindow}");
        if (rank != 4 || perDimension[0] + perDimension[1] + perDimension[4] + perDimension[5] != 0)
            node.Fail("pads more than the rows and columns of an image, which is not supported");
        var x = context.Image(node, input);
        var padding = new Padding((int)perDimension[2], (int)perDimension[3], (int)perDimension[6], (int)perDimension[7]);
        var output = context.Emit(node, new Pad(padding), x);
        context.Define(node, output, Layout.Image(output.Shape.Height, output.Shape.Width, output.Shape.Channels));
    }

    private static bool IsZero(ImportContext context, OnnxNode node, OnnxActivation x)
    {
        if (node.Opset < 11)
            return node.Float("value", 0) == 0;
        if (context.OptionalConstant(node, 2) is not { } value)
            return x.Value.Type == ElementType.Float32;
        if (x.Value.Type == ElementType.Float32)
            return context.Scalar(node, value) == 0;
        return value.Tensor.Type.IsQuantized() && value.Tensor.Shape.ElementCount == 1
            && QuantizedTensors.Integer(value.Tensor, 0) - (value.Tensor.Type == ElementType.UInt8 ? 128 : 0) == x.Value.Quantization!.ZeroPoint;
    }

    // From opset 18 on the pads may be for some axes only.
    private static long[] Spread(ImportContext context, OnnxNode node, IReadOnlyList<long> pads, int rank)
    {
        int[] axes = context.OptionalConstant(node, 3) is { } some
            ? [.. context.Integers(node, some).Select(a => node.Axis(a, rank))]
            : [.. Enumerable.Range(0, rank)];
        if (pads.Count != 2 * axes.Length)
            node.Fail($"{pads.Count} pads for {axes.Length} dimensions");
        var result = new long[2 * rank];
        for (var i = 0; i < axes.Length; i++)
        {
            result[axes[i]] = pads[i];
            result[rank + axes[i]] = pads[axes.Length + i];
        }

        return result;
    }
}
