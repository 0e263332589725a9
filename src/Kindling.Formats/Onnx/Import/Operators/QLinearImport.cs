using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Formats.Onnx.Import.Operators;

/// <summary>The operators on 8-bit integers of the standard (QLinearConv, QLinearMatMul) and of ONNX Runtime (com.microsoft).</summary>
internal static class QLinearImport
{
    /// <summary>Inputs: x, its scale and zero point, w, scales and zero points, the output's scale and zero point, int32 bias.</summary>
    public static void Conv(ImportContext context, OnnxNode node)
    {
        var x = context.Image(node, QuantizeImport.QuantizedActivation(context, node, 0, 1, 2));
        var raw = context.Constant(node, 3);
        var weights = Weights(context, node, raw, 4, 5, 0);
        var (op, dequantized) = ConvImport.Layer(context, node, x, weights);
        var w = context.IntegersOf(dequantized);
        var output = Layer(context, node, op, x, w, 8, QuantizeImport.Parameters(context, node, 6, 7));
        context.Define(node, output, Layout.Image(output.Shape.Height, output.Shape.Width, output.Shape.Channels));
    }

    /// <summary>Inputs: a, scale, zero point, b, scale, zero point, the output's scale and zero point. No bias.</summary>
    public static void MatMul(ImportContext context, OnnxNode node) => Dense(context, node, transposed: false, bias: -1, output: 6);

    /// <summary>Inputs: a, scale, zero point, b, scale, zero point, int32 bias, the output's scale and zero point.</summary>
    public static void Gemm(ImportContext context, OnnxNode node)
    {
        if (node.Int("transA", 0) != 0 || node.Float("alpha", 1) != 1)
            node.Fail("transA and alpha are not supported");
        if (!node.HasInput(7))
            node.Fail("a float output is not supported");
        Dense(context, node, node.Int("transB", 0) != 0, bias: 6, output: 7);
    }

    public static void Add(ImportContext context, OnnxNode node) => Binary(context, node, new Add());

    public static void Multiply(ImportContext context, OnnxNode node) => Binary(context, node, new Multiply());

    /// <summary>Inputs: the output's scale and zero point, then a tensor, its scale and zero point for each to be joined.</summary>
    public static void Concat(ImportContext context, OnnxNode node)
    {
        var inputs = new List<OnnxActivation>();
        for (var i = 2; i + 2 < node.Inputs.Count; i += 3)
            inputs.Add(QuantizeImport.QuantizedActivation(context, node, i, i + 1, i + 2));
        if (inputs.Count == 0 || node.Inputs.Count % 3 != 2)
            node.Fail($"takes 2 and then 3 inputs for each tensor, not {node.Inputs.Count}");
        var q = QuantizeImport.Parameters(context, node, 0, 1);
        var (op, values, layout) = ConcatImport.Join(context, node, inputs);
        for (var i = 0; i < values.Length; i++)
            values[i] = context.Rescaled(node, values[i], q);
        context.Define(node, context.Emit(node, op, ElementType.Int8, q, values), layout);
    }

    public static void GlobalAverage(ImportContext context, OnnxNode node)
    {
        if (node.Int("channels_last", 0) != 0)
            node.Fail("channels_last is not supported");
        var x = QuantizeImport.QuantizedActivation(context, node, 0, 1, 2);
        var dimensions = Enumerable.Range(2, Math.Max(0, x.Layout.Rank - 2)).ToHashSet();
        MeanImport.Mean(context, node, x, dimensions, keep: true, ElementType.Int8, QuantizeImport.Parameters(context, node, 3, 4));
    }

    public static void Average(ImportContext context, OnnxNode node)
    {
        var x = context.Image(node, QuantizeImport.QuantizedActivation(context, node, 0, 1, 2));
        var window = Window.Read(node, x.Shape, Window.KernelShape(node));
        if (node.Int("channels_last", 0) != 0 || window.Dilation != new Size2D(1, 1))
            node.Fail("channels_last and dilations are not supported");
        if (node.Int("count_include_pad", 0) != 0 && !window.Whole.IsNone)
            node.Fail("count_include_pad is not supported on 8-bit integers");
        var op = new AveragePool2D(window.Kernel, window.Stride, window.Whole);
        var q = QuantizeImport.Parameters(context, node, 3, 4);
        var output = SameScale(context, node, op, x, q);
        context.Define(node, output, Layout.Image(output.Shape.Height, output.Shape.Width, output.Shape.Channels));
    }

    public static void Logistic(ImportContext context, OnnxNode node)
    {
        var x = QuantizeImport.QuantizedActivation(context, node, 0, 1, 2);
        context.Define(node, Probability(context, node, new Sigmoid(), x.Value), x.Layout);
    }

    public static void Softmax(ImportContext context, OnnxNode node)
    {
        var x = QuantizeImport.QuantizedActivation(context, node, 0, 1, 2);
        var value = SoftmaxImport.Rows(context, node, x, (int)Math.Clamp(node.Int("opset", node.Opset), 1, OnnxLimits.NewestOpset));
        context.Define(node, Probability(context, node, new Softmax(), value), x.Layout);
    }

    // The integer kernels give probabilities in steps of 1/256; another scale is a step of its own.
    private static Value Probability(ImportContext context, OnnxNode node, Operator op, Value x)
    {
        var q = QuantizeImport.Parameters(context, node, 3, 4);
        return q.Equals(IntegerLowering.Probability)
            ? context.Emit(node, op, ElementType.Int8, q, x)
            : context.Emit(node, new Quantize(), ElementType.Int8, q, context.EmitPart(node, "probability", op, ElementType.Int8, IntegerLowering.Probability, x));
    }

    private static Value SameScale(ImportContext context, OnnxNode node, Operator op, Value x, Quantization q) =>
        q.Equals(x.Quantization)
            ? context.Emit(node, op, x)
            : context.Emit(node, new Quantize(), ElementType.Int8, q, context.EmitPart(node, "pool", op, x));

    private static void Dense(ImportContext context, OnnxNode node, bool transposed, int bias, int output)
    {
        var input = QuantizeImport.QuantizedActivation(context, node, 0, 1, 2);
        var weights = Weights(context, node, context.Constant(node, 3), 4, 5, transposed ? 0 : 1);
        var (x, dequantized) = DenseImport.Layer(context, node, input, weights, transposed);
        var value = Layer(
            context, node, new Dense(), x, context.IntegersOf(dequantized), bias, QuantizeImport.Parameters(context, node, output, output + 1));
        context.Define(node, value, Layout.Plain(1, value.Shape.Channels));
    }

    private static Value Layer(ImportContext context, OnnxNode node, Operator op, Value x, Value w, int bias, Quantization q)
    {
        if (bias < 0 || context.OptionalConstant(node, bias) is not { } constant)
            return context.Emit(node, op, ElementType.Int8, q, x, w);
        var outputs = op.Infer(node.Name, [x, w]).Channels;
        if (constant.Tensor.Type != ElementType.Int32 || constant.Tensor.Shape.ElementCount != outputs)
            node.Fail($"bias {constant.Name} is {constant.Tensor.Type.Name()}{constant.Tensor.Shape}; int32[{outputs}] is needed");
        var scales = w.Quantization!.Scales.Select(s => s * x.Quantization!.Scale).ToArray();
        var b = context.Constant(constant.Name, constant.Tensor.Reshape(new Shape(outputs)), new Quantization(scales, new int[scales.Length], 0));
        return context.Emit(node, op, ElementType.Int8, q, x, w, b);
    }

    private static OnnxConstant Weights(ImportContext context, OnnxNode node, OnnxConstant weights, int scale, int zeroPoint, int axis)
    {
        if (!weights.Tensor.Type.IsQuantized() || weights.Dequantized is not null)
            node.Fail($"weights {weights.Name} are {weights.Tensor.Type.Name()}; 8-bit integers are needed");
        var q = QuantizeImport.Raw(context, node, scale, zeroPoint, weights.Tensor.Shape, axis);
        var zero = weights.Tensor.Type == ElementType.UInt8 ? 128 : 0;
        if (q.ZeroPoints.Any(z => z != zero))
            node.Fail($"weights {weights.Name} have a zero point other than {zero}; only symmetric weights run on integers");
        return weights with { Dequantized = q };
    }

    // The product and sum take one operand of fewer extents second.
    private static void Binary(ImportContext context, OnnxNode node, Operator op)
    {
        var q = QuantizeImport.Parameters(context, node, 6, 7);
        if (context.Input(node, 3) is OnnxConstant constant)
        {
            var x = QuantizeImport.QuantizedActivation(context, node, 0, 1, 2);
            var scales = QuantizeImport.Raw(context, node, 4, 5, null);
            var operand = BinaryImport.Constant(context, node, x, constant with { Dequantized = scales }, "operand", v => v);
            context.Define(node, context.Emit(node, op, ElementType.Int8, q, x.Value, context.IntegersOf(operand)), x.Layout);
            return;
        }

        var (a, b) = (QuantizeImport.QuantizedActivation(context, node, 0, 1, 2), QuantizeImport.QuantizedActivation(context, node, 3, 4, 5));
        var (first, second) = BinaryImport.Operands(context, node, a, b);
        context.Define(node, context.Emit(node, op, ElementType.Int8, q, first.Value, second), first.Layout);
    }
}
