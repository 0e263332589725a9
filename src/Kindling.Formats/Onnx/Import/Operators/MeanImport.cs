using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Formats.Onnx.Import.Operators;

/// <summary>GlobalAveragePool, and ReduceMean over the image's pixels.</summary>
internal static class MeanImport
{
    // Readers that take the result as a vector; all others see a picture of one pixel.
    private static readonly HashSet<string> VectorReaders = new(StringComparer.Ordinal)
    {
        "Flatten", "Reshape", "Squeeze", "Softmax", "Gemm", "MatMul", "com.microsoft.QGemm", "com.microsoft.QLinearSoftmax", "QLinearMatMul",
    };

    private static readonly HashSet<string> Transparent = new(StringComparer.Ordinal)
    {
        "Identity", "Dropout", "QuantizeLinear", "DequantizeLinear", "Relu", "Clip",
    };

    public static void Global(ImportContext context, OnnxNode node)
    {
        var x = context.FloatActivation(node);
        Mean(context, node, x, [.. Enumerable.Range(2, Math.Max(0, x.Layout.Rank - 2))], keep: true, x.Value.Type, null);
    }

    public static void Reduce(ImportContext context, OnnxNode node)
    {
        var x = context.FloatActivation(node);
        var axes = node.Ints("axes") ?? (node.HasInput(1) ? context.Integers(node, context.Constant(node, 1)) : []);
        if (axes.Count == 0 && node.Opset >= 18 && node.Int("noop_with_empty_axes", 0) != 0)
        {
            BinaryImport.Alias(context, node, x);
            return;
        }

        if (axes.Count is 0 or > OnnxLimits.LargestRank)
            node.Fail("only a mean over the pixels is supported, the batch stays");
        Mean(context, node, x, [.. axes.Select(a => node.Axis(a, x.Layout.Rank))], node.Int("keepdims", 1) != 0, x.Value.Type, null);
    }

    /// <summary>The mean over some dimensions, which must be all but the last ones in memory.</summary>
    public static void Mean(
        ImportContext context, OnnxNode node, OnnxActivation x, HashSet<int> dimensions, bool keep, ElementType type, Quantization? quantization)
    {
        if (dimensions.Contains(0))
            node.Fail("the mean over the batch is not supported");
        var axes = dimensions.SelectMany(x.Layout.AxesOf).ToHashSet();
        var physical = x.Layout.Physical;
        var pixels = 1;
        for (var i = 1; i <= axes.Count; i++)
        {
            if (!axes.Contains(physical[i]))
                node.Fail($"a mean over axes [{string.Join(", ", dimensions.Order())}] is not supported; only over the pixels of an image");
            pixels *= physical[i].Size;
        }

        var channels = x.Value.Shape.ElementCount / pixels;
        var value = x.Value.Shape is { Rank: 4 } s && s[3] == channels ? x.Value : context.Reshaped(node, x.Value, new Shape(1, pixels, 1, channels));
        var output = context.Emit(node, new GlobalAveragePool(IsReadAsImage(context, node.Output, 0)), type, quantization, value);
        context.Define(node, output, x.Layout.Reduce(dimensions, keep));
    }

    private static bool IsReadAsImage(ImportContext context, string name, int depth) => context.Consumers(name).Any(reader =>
        Transparent.Contains(reader.Type) && depth < 16 ? IsReadAsImage(context, reader.Output, depth + 1) : !VectorReaders.Contains(reader.Type));
}
