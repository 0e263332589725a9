using Kindling.Graphs;
using Kindling.Tensors;
using static Kindling.Formats.Onnx.Export.OnnxTensorWriter;

namespace Kindling.Formats.Onnx.Export;

/// <summary>Where the order of the memory shows: images are <c>[N, H, W, C]</c> here and <c>[N, C, H, W]</c> in the file.</summary>
internal static class ShapeExport
{
    /// <summary>The extents in the file's order, without the batch.</summary>
    public static long[] Extents(Shape shape) =>
        shape.Rank == 4 ? [shape[3], shape[1], shape[2]] : [.. shape.Skip(1).Select(d => (long)d)];

    /// <summary>The dimension of an image in the file's order.</summary>
    public static long Axis(int axis, int rank) => rank != 4 || axis == 0 ? axis : axis == 3 ? 1 : axis + 1;

    /// <summary>Writes a reshape, with the transposes that keep the elements in the order of the memory.</summary>
    public static void Reshape(ExportContext context, Node node, string x, string output)
    {
        var (from, to) = (node.Inputs[0].Shape, node.Output.Shape);
        if (IsInterleaved(from))
            x = context.Add("Transpose", $"{node.Name}/channels_last", context.Unique($"{node.Name}/channels_last"), [x], Attribute("perm", 0, 2, 3, 1));
        if (!IsInterleaved(to))
        {
            Reshaped(context, node.Name, x, output, Extents(to));
            return;
        }

        var last = Reshaped(context, node.Name, x, context.Unique($"{node.Name}/image"), [to[1], to[2], to[3]]);
        context.Add("Transpose", $"{node.Name}/channels_first", output, [last], Attribute("perm", 0, 3, 1, 2));
    }

    /// <summary>Writes a softmax over the channels.</summary>
    public static void Softmax(ExportContext context, Node node, string output, float beta)
    {
        var shape = node.Output.Shape;
        var x = context.Real(node.Inputs[0]);
        if (beta != 1)
            x = context.Add("Mul", $"{node.Name}/scaled", context.Unique($"{node.Name}/scaled"), [x, context.Number("beta", beta)]);
        if (context.Opset >= 13 || !IsInterleaved(shape))
        {
            context.Add("Softmax", node.Name, output, [x], Attribute("axis", Axis(shape.Rank - 1, shape.Rank)));
            return;
        }

        // Before opset 13 a softmax runs over everything from its axis on, so the channels must come last.
        var last = context.Add("Transpose", $"{node.Name}/channels_last", context.Unique($"{node.Name}/channels_last"), [x], Attribute("perm", 0, 2, 3, 1));
        var rows = context.Add("Softmax", node.Name, context.Unique($"{node.Name}/rows"), [last], Attribute("axis", 3));
        context.Add("Transpose", $"{node.Name}/channels_first", output, [rows], Attribute("perm", 0, 3, 1, 2));
    }

    /// <summary>A row of one value a channel with as many dimensions as the image it meets.</summary>
    public static string WithRank(ExportContext context, Node node, string x, Shape shape, int rank)
    {
        if (shape.Rank == rank || rank != 4)
            return x;
        return Reshaped(context, $"{node.Name}/row", x, context.Unique($"{node.Name}/row"), [shape.Channels, 1, 1]);
    }

    private static bool IsInterleaved(Shape shape) => shape.Rank == 4 && shape[3] > 1 && shape[1] * shape[2] > 1;

    private static string Reshaped(ExportContext context, string node, string x, string output, long[] extents) =>
        extents.Length == 1
            ? context.Add("Flatten", node, output, [x], Attribute("axis", 1))
            : context.Add("Reshape", node, output, [x, context.Initializer($"{node}/shape", List<long>([0, .. extents]))]);
}
