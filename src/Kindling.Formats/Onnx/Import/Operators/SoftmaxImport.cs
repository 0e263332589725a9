using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Formats.Onnx.Import.Operators;

/// <summary>Softmax: over everything from the axis on before opset 13, over the axis alone since.</summary>
internal static class SoftmaxImport
{
    public static void Import(ImportContext context, OnnxNode node)
    {
        var x = context.FloatActivation(node);
        var value = Rows(context, node, x, node.Opset);
        context.Define(node, context.Emit(node, new Softmax(), value), x.Layout);
    }

    /// <summary>The value with what the softmax runs over as its last dimension.</summary>
    public static Value Rows(ImportContext context, OnnxNode node, OnnxActivation x, int opset)
    {
        var rank = x.Layout.Rank;
        var axis = node.Axis(node.Int("axis", opset < 13 ? 1 : -1), rank);
        if (axis == 0)
            node.Fail("runs over the batch, which is not supported");
        var dimensions = opset < 13 ? Enumerable.Range(axis, rank - axis) : [axis];
        var axes = dimensions.SelectMany(x.Layout.AxesOf).ToHashSet();
        var physical = x.Layout.Physical;
        var length = 1;
        for (var i = physical.Length - axes.Count; i < physical.Length; i++)
        {
            if (!axes.Contains(physical[i]))
                node.Fail($"over axis {axis} of [{string.Join(", ", x.Layout.Shape)}] is not supported; only over the channels");
            length *= physical[i].Size;
        }

        if (x.Value.Shape.Channels == length)
            return x.Value;
        var rows = x.Value.Shape.ElementCount / length;
        return context.Reshaped(node, x.Value, rows == 1 ? new Shape(1, length) : new Shape(1, rows, length));
    }
}
