using Kindling.Formats.Onnx.Import;
using Kindling.Formats.Onnx.Schema;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;
using static Kindling.Formats.Onnx.Export.OnnxTensorWriter;

namespace Kindling.Formats.Onnx.Export;

/// <summary>Writes one operator on real numbers; in a QDQ file its inputs are dequantized before and its output is quantized behind.</summary>
internal static class FloatExport
{
    /// <summary>Writes a node.</summary>
    /// <param name="context">The file.</param>
    /// <param name="node">The node.</param>
    /// <param name="output">The name its result shall have.</param>
    public static void Write(ExportContext context, Node node, string output)
    {
        switch (node.Operator)
        {
            case Conv2D op:
                Activate(context, node, output, op.Activation, name => Layer(
                    context, "Conv", node, name, ConstantOrderOf.Conv, [.. Window(null, op.Stride, op.Padding, op.Dilation), Attribute("group", 1)]));
                break;
            case DepthwiseConv2D op:
                Activate(context, node, output, op.Activation, name => Layer(
                    context, "Conv", node, name, ConstantOrderOf.Depthwise,
                    [.. Window(null, op.Stride, op.Padding, op.Dilation), Attribute("group", node.Inputs[0].Shape.Channels)]));
                break;
            case Dense op:
                Activate(context, node, output, op.Activation, name => Gemm(context, node, name));
                break;
            case MaxPool2D op:
                Activate(context, node, output, op.Activation, name => context.Add(
                    "MaxPool", node.Name, name, [X(context, node)], [.. Window(op.Kernel, op.Stride, op.Padding, null)]));
                break;
            case AveragePool2D op:
                Activate(context, node, output, op.Activation, name => context.Add(
                    "AveragePool", node.Name, name, [X(context, node)],
                    [.. Window(op.Kernel, op.Stride, op.Padding, null), Attribute("count_include_pad", op.CountIncludesPadding ? 1 : 0)]));
                break;
            case GlobalAveragePool op:
                Mean(context, node, output, op.KeepDimensions);
                break;
            case Add op:
                Activate(context, node, output, op.Activation, name => Binary(context, "Add", node, name));
                break;
            case Subtract op:
                Activate(context, node, output, op.Activation, name => Binary(context, "Sub", node, name));
                break;
            case Multiply op:
                Activate(context, node, output, op.Activation, name => Binary(context, "Mul", node, name));
                break;
            case Concat op:
                Activate(context, node, output, op.Activation, name => context.Add(
                    "Concat", node.Name, name, node.Inputs.Select(context.Real), Attribute("axis", ShapeExport.Axis(op.Axis, node.Output.Shape.Rank))));
                break;
            case Clip op:
                Clip(context, node.Name, X(context, node), output, op.Min, op.Max);
                break;
            case HardSwish:
                Swish(context, node, output);
                break;
            case LeakyRelu op:
                context.Add("LeakyRelu", node.Name, output, [X(context, node)], Attribute("alpha", op.Alpha));
                break;
            case Sigmoid:
                context.Add("Sigmoid", node.Name, output, [X(context, node)]);
                break;
            case Softmax op:
                ShapeExport.Softmax(context, node, output, op.Beta);
                break;
            case BatchNorm op:
                BatchNorm(context, node, output, op);
                break;
            case Dropout op:
                Dropout(context, node, output, op);
                break;
            case Pad op:
                Pad(context, node, X(context, node), output, op.Padding, null);
                break;
            case Reshape:
                ShapeExport.Reshape(context, node, X(context, node), output);
                break;
            default:
                throw new KindlingException($"{node.Name}: {node.Operator.Kind} has no ONNX form");
        }
    }

    /// <summary>kernel_shape, strides, pads, dilations.</summary>
    public static IEnumerable<AttributeProto> Window(Size2D? kernel, Size2D stride, Padding padding, Size2D? dilation)
    {
        if (kernel is { } k)
            yield return Attribute("kernel_shape", k.Height, k.Width);
        yield return Attribute("strides", stride.Height, stride.Width);
        yield return Attribute("pads", padding.Top, padding.Left, padding.Bottom, padding.Right);
        if (dilation is { } d)
            yield return Attribute("dilations", d.Height, d.Width);
    }

    /// <summary>Pad with zeros, or with a named constant.</summary>
    public static void Pad(ExportContext context, Node node, string x, string output, Padding p, string? value)
    {
        long[] pads = [0, 0, p.Top, p.Left, 0, 0, p.Bottom, p.Right];
        if (context.Opset < 11)
            context.Add("Pad", node.Name, output, [x], Attribute("pads", pads));
        else
            context.Add("Pad", node.Name, output, [x, context.Initializer($"{node.Name}/pads", List<long>(pads)), .. value is null ? [] : new[] { value }]);
    }

    /// <summary>The constant operand of a sum or product in a shape ONNX broadcasts.</summary>
    public static Tensor Operand(Value first, Tensor second)
    {
        if (second.Shape.Rank == 4)
            return ConstantOrder.Transpose(second, [0, 3, 1, 2]);
        return first.Shape.Rank == 4 ? second.Reshape(new Shape(second.Shape.ElementCount, 1, 1)) : second;
    }

    private static string X(ExportContext context, Node node) => context.Real(node.Inputs[0]);

    private static void Layer(
        ExportContext context, string type, Node node, string output, ConstantOrderOf order, ReadOnlySpan<AttributeProto> attributes) =>
        context.Add(type, node.Name, output, [X(context, node), .. Parameters(context, node, order)], attributes);

    private static IEnumerable<string> Parameters(ExportContext context, Node node, ConstantOrderOf order)
    {
        yield return context.Parameter(node.Inputs[1], order.Name, order.Arrange);
        if (node.Inputs.Count > 2)
            yield return context.Parameter(node.Inputs[2], "bias", t => t);
    }

    private static void Gemm(ExportContext context, Node node, string output)
    {
        var inputs = Parameters(context, node, ConstantOrderOf.Dense).ToList();
        // Gemm could not do without a summand before opset 11.
        if (inputs.Count == 1 && context.Opset < 11)
            inputs.Add(context.Initializer($"{node.Name}/bias", new Tensor(ElementType.Float32, new Shape(node.Output.Shape.Channels))));
        context.Add("Gemm", node.Name, output, [X(context, node), .. inputs], Attribute("transB", 1));
    }

    private static void Mean(ExportContext context, Node node, string output, bool keep)
    {
        if (keep)
        {
            context.Add("GlobalAveragePool", node.Name, output, [X(context, node)]);
            return;
        }

        var mean = context.Add("GlobalAveragePool", node.Name, context.Unique($"{node.Name}/mean"), [X(context, node)]);
        context.Add("Flatten", $"{node.Name}/flatten", output, [mean], Attribute("axis", 1));
    }

    private static void Binary(ExportContext context, string type, Node node, string output)
    {
        var (first, second) = (node.Inputs[0], node.Inputs[1]);
        if (first.IsConstant)
            throw new KindlingException($"{node.Name}: {node.Operator.Kind} of a constant and a computed value has no ONNX form in this order");
        var operand = second.IsConstant
            ? context.Parameter(second, $"operand of rank {first.Shape.Rank}", t => Operand(first, t))
            : ShapeExport.WithRank(context, node, context.Real(second), second.Shape, first.Shape.Rank);
        context.Add(type, node.Name, output, [X(context, node), operand]);
    }

    private static void BatchNorm(ExportContext context, Node node, string output, BatchNorm op)
    {
        if (node.Output.Shape.Rank is not (2 or 4))
            throw new KindlingException($"{node.Name}: BATCH_NORM of {node.Output.Shape} has no ONNX form; 2 and 4 dimensions have");
        var parameters = node.Inputs.Skip(1).Select(p => context.Parameter(p, "vector", t => t.Reshape(new Shape(t.Shape.ElementCount))));
        context.Add(
            "BatchNormalization", node.Name, output, [X(context, node), .. parameters],
            Attribute("epsilon", op.Epsilon), Attribute("momentum", op.Momentum));
    }

    private static void Dropout(ExportContext context, Node node, string output, Dropout op)
    {
        // ONNX drops single elements only; of a file for inference the identity is the same.
        if (op.PerSample)
            context.Add("Identity", node.Name, output, [X(context, node)]);
        else if (context.Opset < 12)
            context.Add("Dropout", node.Name, output, [X(context, node)], Attribute("ratio", op.Rate));
        else
            context.Add("Dropout", node.Name, output, [X(context, node), context.Number("ratio", op.Rate)]);
    }

    // HardSwish came with opset 14.
    private static void Swish(ExportContext context, Node node, string output)
    {
        var x = X(context, node);
        if (context.Opset >= 14)
        {
            context.Add("HardSwish", node.Name, output, [x]);
            return;
        }

        var gate = context.Add(
            "HardSigmoid", $"{node.Name}/gate", context.Unique($"{node.Name}/gate"), [x], Attribute("alpha", 1 / 6f), Attribute("beta", 0.5f));
        context.Add("Mul", node.Name, output, [x, gate]);
    }

    private static void Activate(ExportContext context, Node node, string output, Activation activation, Action<string> write)
    {
        if (activation == Activation.None)
        {
            write(output);
            return;
        }

        var inner = context.Unique($"{node.Name}/linear");
        write(inner);
        var (min, max) = activation.Range();
        Clip(context, $"{node.Name}/activation", inner, output, min, max);
    }

    private static void Clip(ExportContext context, string node, string x, string output, float min, float max)
    {
        var (hasMin, hasMax) = (!float.IsNegativeInfinity(min), !float.IsPositiveInfinity(max));
        if (min == 0 && !hasMax)
        {
            context.Add("Relu", node, output, [x]);
        }
        else if (context.Opset < 11)
        {
            var attributes = new List<AttributeProto>();
            if (hasMin)
                attributes.Add(Attribute("min", min));
            if (hasMax)
                attributes.Add(Attribute("max", max));
            context.Add("Clip", node, output, [x], [.. attributes]);
        }
        else
        {
            List<string> inputs = [x, hasMin ? context.Number("min", min) : ""];
            if (hasMax)
                inputs.Add(context.Number("max", max));
            context.Add("Clip", node, output, inputs);
        }
    }
}
