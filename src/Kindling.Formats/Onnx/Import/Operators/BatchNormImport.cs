using Kindling.Graphs.Operators;

namespace Kindling.Formats.Onnx.Import.Operators;

/// <summary>BatchNormalization of all opsets, as it computes at inference.</summary>
internal static class BatchNormImport
{
    public static void Import(ImportContext context, OnnxNode node)
    {
        var input = context.FloatActivation(node);
        // Without pixels there is one statistic a channel either way.
        var hasPixels = input.Layout.Shape.Skip(2).Any(d => d > 1);
        if (node.Opset < 9 && node.Int("spatial", 1) == 0 && hasPixels)
            node.Fail("spatial=0 (statistics for every pixel) is not supported");
        if (node.Opset >= 14 && node.Int("training_mode", 0) != 0)
            node.Fail("training_mode is not supported; export the model for inference");
        if (node.Outputs.Skip(1).Any(o => o.Length > 0 && context.Consumers(o).Any()))
            node.Fail("its statistics are read; only the normalized tensor is supported");
        // Before training_mode, a file says by further outputs that it normalizes by the batch's own statistics (before opset 7, unless is_test).
        if (node.Opset < 14 && !(node.Opset < 7 && node.Int("is_test", 0) != 0) && node.Outputs.Skip(1).Any(o => o.Length > 0))
            node.Fail("has the outputs of training; export the model for inference");
        var isImage = input.Layout.Rank == 4;
        if (!isImage && input.Layout.Rank != 2)
            node.Fail($"normalizes a tensor of {input.Layout.Rank} dimensions; 2 and 4 are supported");
        if (!isImage && !input.Layout.IsPlain)
            node.Fail("normalizes a flattened image, which is not supported");
        var x = isImage ? context.Image(node, input) : context.Reshaped(node, input.Value, new Tensors.Shape(input.Layout.Shape));
        var parameters = Enumerable.Range(1, 4).Select(i => ConvImport.Bias(context, node, context.Constant(node, i))).ToArray();
        var op = new BatchNorm(node.Float("epsilon", 1e-5f), node.Float("momentum", 0.9f));
        context.Define(node, context.Emit(node, op, [x, .. parameters]), input.Layout);
    }
}
