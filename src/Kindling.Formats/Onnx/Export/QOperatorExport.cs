using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;
using static Kindling.Formats.Onnx.Export.OnnxTensorWriter;

namespace Kindling.Formats.Onnx.Export;

/// <summary>Writes one int8 operator as an operator on uint8: the standard's QLinearConv, or ONNX Runtime's own where the standard has none.</summary>
internal static class QOperatorExport
{
    /// <summary>Writes a node; false when only the QDQ form exists for it.</summary>
    public static bool TryWrite(ExportContext context, Node node, string output)
    {
        switch (node.Operator)
        {
            case Conv2D op:
                Activate(context, node, output, op.Activation, name => Conv(
                    context, node, name, ConstantOrderOf.Conv, op.Stride, op.Padding, op.Dilation, 1));
                return true;
            case DepthwiseConv2D op:
                Activate(context, node, output, op.Activation, name => Conv(
                    context, node, name, ConstantOrderOf.Depthwise, op.Stride, op.Padding, op.Dilation, node.Inputs[0].Shape.Channels));
                return true;
            case Dense op:
                Activate(context, node, output, op.Activation, name => Gemm(context, node, name));
                return true;
            case Add op:
                Activate(context, node, output, op.Activation, name => Binary(context, "QLinearAdd", node, name));
                return true;
            case Multiply op:
                Activate(context, node, output, op.Activation, name => Binary(context, "QLinearMul", node, name));
                return true;
            case MaxPool2D op:
                Activate(context, node, output, op.Activation, name => context.Add(
                    "MaxPool", node.Name, name, [X(context, node)], [.. FloatExport.Window(op.Kernel, op.Stride, op.Padding, null)]));
                return true;
            case AveragePool2D { CountIncludesPadding: false } op:
                Activate(context, node, output, op.Activation, name => context.AddMicrosoft(
                    "QLinearAveragePool", node.Name, name, Unary(context, node), [.. FloatExport.Window(op.Kernel, op.Stride, op.Padding, null)]));
                return true;
            case GlobalAveragePool op:
                Mean(context, node, output, op.KeepDimensions);
                return true;
            case Concat { Activation: Activation.None } op:
                string[] inputs = [.. context.Quantization(node.Output), .. node.Inputs.SelectMany(i => Quantized(context, i))];
                context.AddMicrosoft("QLinearConcat", node.Name, output, inputs, Attribute("axis", ShapeExport.Axis(op.Axis, node.Output.Shape.Rank)));
                return true;
            case Pad op:
                FloatExport.Pad(context, node, X(context, node), output, op.Padding, context.Quantization(node.Output)[1]);
                return true;
            case Reshape:
                ShapeExport.Reshape(context, node, X(context, node), output);
                return true;
            case Clip op when Equals(node.Inputs[0].Quantization, node.Output.Quantization):
                Clip(context, node.Name, node.Output, X(context, node), output, op.Min, op.Max);
                return true;
            case Sigmoid:
                context.AddMicrosoft("QLinearSigmoid", node.Name, output, Unary(context, node));
                return true;
            case Softmax { Beta: 1 }:
                context.AddMicrosoft(
                    "QLinearSoftmax", node.Name, output, Unary(context, node),
                    Attribute("axis", ShapeExport.Axis(node.Output.Shape.Rank - 1, node.Output.Shape.Rank)), Attribute("opset", 13));
                return true;
            default:
                return false;
        }
    }

    private static string X(ExportContext context, Node node) => context.Name(node.Inputs[0]);

    private static string[] Quantized(ExportContext context, Value value) => [context.Name(value), .. context.Quantization(value)];

    private static string[] Unary(ExportContext context, Node node) => [.. Quantized(context, node.Inputs[0]), .. context.Quantization(node.Output)];

    private static void Conv(
        ExportContext context, Node node, string output, ConstantOrderOf order, Size2D stride, Padding padding, Size2D dilation, int group) =>
        context.Add(
            "QLinearConv", node.Name, output,
            [.. Quantized(context, node.Inputs[0]), .. Weights(context, node, order), .. context.Quantization(node.Output), .. Bias(context, node)],
            [.. FloatExport.Window(null, stride, padding, dilation), Attribute("group", group)]);

    private static void Gemm(ExportContext context, Node node, string output) => context.AddMicrosoft(
        "QGemm", node.Name, output,
        [
            .. Quantized(context, node.Inputs[0]), .. Weights(context, node, ConstantOrderOf.Dense),
            .. node.Inputs.Count > 2 ? Bias(context, node) : [""], .. context.Quantization(node.Output),
        ],
        Attribute("transB", 1));

    private static string[] Weights(ExportContext context, Node node, ConstantOrderOf order) => context.Weights(node.Inputs[1], order.Name, order.Arrange);

    private static string[] Bias(ExportContext context, Node node) =>
        node.Inputs.Count > 2 ? [context.Integers(node.Inputs[2], "bias", t => t)] : [];

    private static void Binary(ExportContext context, string type, Node node, string output)
    {
        var (first, second) = (node.Inputs[0], node.Inputs[1]);
        var operand = second.IsConstant
            ? context.Integers(second, $"operand of rank {first.Shape.Rank}", t => ToUnsigned(FloatExport.Operand(first, t)))
            : ShapeExport.WithRank(context, node, context.Name(second), second.Shape, first.Shape.Rank);
        context.AddMicrosoft(
            type, node.Name, output, [.. Quantized(context, first), operand, .. context.Quantization(second), .. context.Quantization(node.Output)]);
    }

    private static void Mean(ExportContext context, Node node, string output, bool keep)
    {
        var name = keep ? output : context.Unique($"{node.Name}/mean");
        context.AddMicrosoft("QLinearGlobalAveragePool", node.Name, name, Unary(context, node), Attribute("channels_last", 0));
        if (!keep)
            context.Add("Flatten", $"{node.Name}/flatten", output, [name], Attribute("axis", 1));
    }

    // The range of uint8 does most clips by itself.
    private static void Activate(ExportContext context, Node node, string output, Activation activation, Action<string> write)
    {
        var (min, max) = activation.Range();
        if (Bounds(node.Output, min, max) == (0, 255))
        {
            write(output);
            return;
        }

        var inner = context.Unique($"{node.Name}/linear");
        write(inner);
        Clip(context, $"{node.Name}/activation", node.Output, inner, output, min, max);
    }

    private static void Clip(ExportContext context, string node, Value value, string x, string output, float min, float max)
    {
        var (low, high) = Bounds(value, min, max);
        context.Add("Clip", node, output, [x, context.ZeroPoint(low, ElementType.UInt8), context.ZeroPoint(high, ElementType.UInt8)]);
    }

    private static (int Low, int High) Bounds(Value value, float min, float max)
    {
        var (scale, zeroPoint) = (value.Quantization!.Scale, ExportContext.UnsignedZeroPoint(value));
        return (Step(min), Step(max));

        int Step(float bound) => (int)Math.Clamp(MathF.Round(bound / scale, MidpointRounding.AwayFromZero) + zeroPoint, 0, 255);
    }
}
