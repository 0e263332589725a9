using Kindling.Graphs.Operators;

namespace Kindling.Formats.Onnx.Import.Operators;

/// <summary>MaxPool, AveragePool and their global forms.</summary>
internal static class PoolImport
{
    public static void Max(ImportContext context, OnnxNode node)
    {
        var x = context.Image(node, context.Activation(node));
        var window = Window.Read(node, x.Shape, Window.KernelShape(node));
        RequireNoDilation(node, window);
        if (node.Outputs.Skip(1).Any(o => context.Consumers(o).Any()))
            node.Fail("the positions of the maxima are read; only the maxima are supported");
        Define(context, node, context.Emit(node, new MaxPool2D(window.Kernel, window.Stride, window.Whole), x));
    }

    public static void Average(ImportContext context, OnnxNode node)
    {
        var x = context.Image(node, context.FloatActivation(node));
        var window = Window.Read(node, x.Shape, Window.KernelShape(node));
        RequireNoDilation(node, window);
        var counts = node.Int("count_include_pad", 0) != 0;
        if (counts && !window.Ceil.IsNone)
        {
            // The padding counts, what ceil_mode adds does not: so the padding becomes part of the image.
            x = window.Padding.IsNone ? x : context.EmitPart(node, "pad", new Pad(window.Padding), x);
            Define(context, node, context.Emit(node, new AveragePool2D(window.Kernel, window.Stride, window.Ceil), x));
            return;
        }

        var counted = counts && !window.Padding.IsNone;
        Define(context, node, context.Emit(node, new AveragePool2D(window.Kernel, window.Stride, window.Whole, counted), x));
    }

    public static void GlobalMax(ImportContext context, OnnxNode node)
    {
        var x = context.Image(node, context.Activation(node));
        var kernel = new Size2D(x.Shape.Height, x.Shape.Width);
        Define(context, node, context.Emit(node, new MaxPool2D(kernel, 1, Padding.None), x));
    }

    private static void RequireNoDilation(OnnxNode node, Window window)
    {
        if (window.Dilation != new Size2D(1, 1))
            node.Fail($"dilations {window.Dilation} are not supported in pools");
    }

    private static void Define(ImportContext context, OnnxNode node, Graphs.Value output) =>
        context.Define(node, output, Layout.Image(output.Shape.Height, output.Shape.Width, output.Shape.Channels));
}
