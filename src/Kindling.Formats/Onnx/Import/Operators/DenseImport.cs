using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Formats.Onnx.Import.Operators;

/// <summary>Gemm and MatMul with constant weights: a fully connected layer with weights <c>[O, I]</c>, I in the order of the memory.</summary>
internal static class DenseImport
{
    public static void Gemm(ImportContext context, OnnxNode node)
    {
        var input = context.FloatActivation(node);
        if (node.Int("transA", 0) != 0)
            node.Fail("transA is not supported: the batch comes first");
        var weights = Scaled(context, node, context.Constant(node, 1), node.Float("alpha", 1));
        var (x, w) = Layer(context, node, input, weights, node.Int("transB", 0) != 0);
        var outputs = w.Shape[0];
        Value? bias = null;
        if (context.OptionalConstant(node, 2) is { } c)
        {
            c = Scaled(context, node, c, node.Float("beta", 1));
            if (c.Tensor.Shape.ElementCount != outputs && c.Tensor.Shape.ElementCount != 1)
                node.Fail($"bias {c.Name} is {c.Tensor.Shape}, the layer has {outputs} outputs");
            if (c.Tensor.Shape.ElementCount > 1 && c.Tensor.Shape[^1] != outputs)
                node.Fail($"bias {c.Name} is {c.Tensor.Shape}; it must run along the outputs");
            bias = c.Tensor.Shape.ElementCount == outputs
                ? ConvImport.Bias(context, node, c)
                : context.Parameter(node, c, $"bias of {outputs}", 0, t => ConstantOrder.Gather(t, new Shape(outputs), [outputs], [0]));
        }

        var output = bias is null ? context.Emit(node, new Dense(), x, w) : context.Emit(node, new Dense(), x, w, bias);
        context.Define(node, output, Layout.Plain(1, outputs));
    }

    public static void MatMul(ImportContext context, OnnxNode node)
    {
        var (x, w) = Layer(context, node, context.FloatActivation(node), context.Constant(node, 1), transposed: false);
        context.Define(node, context.Emit(node, new Dense(), x, w), Layout.Plain(1, w.Shape[0]));
    }

    /// <summary>The input as <c>[1, I]</c> and the weights as <c>[O, I]</c>.</summary>
    public static (Value X, Value Weights) Layer(
        ImportContext context, OnnxNode node, OnnxActivation x, OnnxConstant weights, bool transposed)
    {
        var shape = weights.Tensor.Shape;
        var layout = x.Layout;
        if (layout.Rank != 2 || shape.Rank != 2)
            throw node.Fault($"[{string.Join(", ", layout.Shape)}] times {shape} is not supported; only [N, I] times a matrix");
        var (outputs, inputs) = transposed ? (shape[0], shape[1]) : (shape[1], shape[0]);
        if (inputs != layout.Shape[1] || outputs < 1)
            throw node.Fault($"weights {weights.Name} are {shape}, the input has {layout.Shape[1]} features");
        var (outputStride, inputStride) = transposed ? (inputs, 1) : (1, outputs);
        var axis = transposed ? 0 : 1;
        if (weights.Dequantized is { IsPerChannel: true } q && q.Axis != axis)
            throw node.Fault($"the scales of weights {weights.Name} run along axis {q.Axis}; only outputs ({axis}) are supported");

        // Stride of each axis of the memory in the features' order.
        var strides = layout.Strides([layout.Shape[1]])!;
        int[] sizes = [outputs, .. layout.Sizes()];
        int[] steps = [outputStride, .. strides.Select(s => s * inputStride)];
        var w = context.Parameter(
            node, weights, $"dense {string.Join(' ', sizes)} by {string.Join(' ', steps)}", 0,
            t => ConstantOrder.Gather(t, new Shape(outputs, inputs), sizes, steps));
        return (context.Reshaped(node, x.Value, new Shape(1, inputs)), w);
    }

    private static OnnxConstant Scaled(ImportContext context, OnnxNode node, OnnxConstant constant, float factor)
    {
        if (factor == 1)
            return constant;
        var values = context.Floats(node, constant);
        for (var i = 0; i < values.Length; i++)
            values[i] *= factor;
        var scaled = new OnnxConstant(context.Unique($"{constant.Name}/scaled"), Tensor.From<float>(constant.Tensor.Shape, values));
        context.Define(scaled);
        return scaled;
    }
}
