using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Formats.Onnx.Import.Operators;

/// <summary>Concat of images or of plain tensors.</summary>
internal static class ConcatImport
{
    public static void Import(ImportContext context, OnnxNode node)
    {
        var inputs = new List<OnnxActivation>();
        for (var i = 0; i < node.Inputs.Count; i++)
            inputs.Add(context.FloatActivation(node, i));
        if (inputs.Count == 0)
            node.Fail("joins nothing");
        var (op, values, layout) = Join(context, node, inputs);
        context.Define(node, context.Emit(node, op, values), layout);
    }

    /// <summary>The operator, its inputs in one layout, and the layout of the result.</summary>
    public static (Concat Operator, Value[] Values, Layout Layout) Join(ImportContext context, OnnxNode node, List<OnnxActivation> inputs)
    {
        var rank = inputs[0].Layout.Rank;
        var axis = node.Axis(node.Int("axis", 1), rank);
        if (axis == 0)
            node.Fail("joins along the batch, which is not supported");
        if (inputs.Any(i => i.Layout.Rank != rank))
            node.Fail("the inputs differ in their number of dimensions");
        if (inputs.All(i => i.Layout.IsImage))
        {
            var op = new Concat(axis == 1 ? 3 : axis - 1);
            var images = inputs.Select(i => context.Image(node, i)).ToArray();
            var shape = op.Infer(node.Name, images);
            return (op, images, Layout.Image(shape.Height, shape.Width, shape.Channels));
        }

        if (!inputs.All(i => i.Layout.IsPlain))
            node.Fail("the inputs lie in different orders in memory; only images, and only plain tensors, can be joined");
        var plain = inputs.Select(i => context.Reshaped(node, i.Value, new Tensors.Shape(i.Layout.Shape))).ToArray();
        var joined = new Concat(axis);
        return (joined, plain, Layout.Plain([.. joined.Infer(node.Name, plain)]));
    }
}
