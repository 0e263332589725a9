using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Formats.Onnx.Import.Operators;

/// <summary>Element-by-element functions of one tensor; those without an operator of their own are written with sums, products and clips.</summary>
internal static class ActivationImport
{
    public static void Relu(ImportContext context, OnnxNode node)
    {
        var x = context.Activation(node);
        context.Define(node, context.Emit(node, Clip.Relu, x.Value), x.Layout);
    }

    /// <summary>Clip with its range as attributes (before opset 11) or inputs.</summary>
    public static void ClipRange(ImportContext context, OnnxNode node)
    {
        var x = context.Activation(node);
        var min = Bound(context, node, x.Value, "min", 1, float.NegativeInfinity);
        var max = Bound(context, node, x.Value, "max", 2, float.PositiveInfinity);
        // Old exporters write the largest finite number for "no bound".
        min = min <= float.MinValue ? float.NegativeInfinity : min;
        max = max >= float.MaxValue ? float.PositiveInfinity : max;
        context.Define(node, context.Emit(node, new Clip(min, max), x.Value), x.Layout);
    }

    public static void Logistic(ImportContext context, OnnxNode node)
    {
        var x = context.FloatActivation(node);
        context.Define(node, context.Emit(node, new Sigmoid(), x.Value), x.Layout);
    }

    /// <summary>max(0, min(1, alpha x + beta)).</summary>
    public static void HardSigmoid(ImportContext context, OnnxNode node)
    {
        var x = context.FloatActivation(node);
        var line = Line(context, node, x.Value, node.Float("alpha", 0.2f), node.Float("beta", 0.5f));
        context.Define(node, context.Emit(node, new Clip(0, 1), line), x.Layout);
    }

    /// <summary>x max(0, min(1, x / 6 + 1 / 2)).</summary>
    public static void HardSwish(ImportContext context, OnnxNode node)
    {
        var x = context.FloatActivation(node);
        context.Define(node, context.Emit(node, new HardSwish(), x.Value), x.Layout);
    }

    /// <summary>max(0, x) + alpha min(0, x).</summary>
    public static void LeakyRelu(ImportContext context, OnnxNode node)
    {
        var x = context.FloatActivation(node);
        context.Define(node, context.Emit(node, new LeakyRelu(node.Float("alpha", 0.01f)), x.Value), x.Layout);
    }

    /// <summary>One number for every channel.</summary>
    public static Value PerChannel(ImportContext context, OnnxNode node, Value x, float value, string name)
    {
        var channels = x.Shape.Channels;
        context.Charge(node, channels);
        var tensor = new Tensor(ElementType.Float32, new Shape(channels));
        tensor.AsSpan<float>().Fill(value);
        return context.Constant($"{node.Name}/{name}", tensor);
    }

    private static Value Line(ImportContext context, OnnxNode node, Value x, float alpha, float beta)
    {
        var product = context.EmitPart(node, "product", new Multiply(), x, PerChannel(context, node, x, alpha, "alpha"));
        return context.EmitPart(node, "sum", new Add(), product, PerChannel(context, node, x, beta, "beta"));
    }

    private static float Bound(ImportContext context, OnnxNode node, Value x, string attribute, int input, float otherwise)
    {
        if (node.Opset < 11)
            return node.Float(attribute, otherwise);
        if (context.OptionalConstant(node, input) is not { } constant)
            return otherwise;
        if (x.Type == ElementType.Float32)
            return context.Scalar(node, constant);
        if (constant.Tensor.Shape.ElementCount != 1 || !constant.Tensor.Type.IsQuantized())
            throw node.Fault($"{attribute} must be one 8-bit integer");
        var bound = QuantizedTensors.Integer(constant.Tensor, 0) - (constant.Tensor.Type == ElementType.UInt8 ? 128 : 0);
        return (bound - x.Quantization!.ZeroPoint) * x.Quantization.Scale;
    }
}
