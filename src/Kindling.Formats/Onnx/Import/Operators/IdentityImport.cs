using Kindling.Graphs.Operators;

namespace Kindling.Formats.Onnx.Import.Operators;

/// <summary>Identity, Dropout in its three forms, and Cast between real numbers of any precision: everything is computed in float32.</summary>
internal static class IdentityImport
{
    public static void Identity(ImportContext context, OnnxNode node) => BinaryImport.Alias(context, node, context.Input(node, 0));

    public static void Drop(ImportContext context, OnnxNode node)
    {
        var x = context.FloatActivation(node);
        if (node.Outputs.Skip(1).Any(o => o.Length > 0 && context.Consumers(o).Any()))
            node.Fail("its mask is read, which is not supported");
        if (node.Opset >= 12 && node.HasInput(2) && context.Constant(node, 2).Tensor.Bytes.ContainsAnyExcept((byte)0))
            node.Fail("training_mode is not supported; export the model for inference");
        var rate = node.Opset < 12 ? node.Float("ratio", 0.5f)
            : context.OptionalConstant(node, 1) is { } ratio ? context.Scalar(node, ratio)
            : 0.5f;
        context.Define(node, context.Emit(node, new Dropout(rate), x.Value), x.Layout);
    }

    public static void Cast(ImportContext context, OnnxNode node)
    {
        var x = context.FloatActivation(node);
        // Opset 1 to 5 name the type.
        var isReal = node.Opset < 6
            ? node.Text("to", "") is "FLOAT" or "FLOAT16" or "DOUBLE"
            : ((OnnxDataType)node.Int("to", 0)).IsReal();
        if (!isReal)
            node.Fail("only casts between real numbers are supported");
        BinaryImport.Alias(context, node, x);
    }
}
