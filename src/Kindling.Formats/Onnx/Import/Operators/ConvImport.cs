using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Formats.Onnx.Import.Operators;

/// <summary>Conv: weights <c>[O, I / group, KH, KW]</c> become <c>[O, KH, KW, I]</c>, or <c>[KH, KW, C]</c> where every channel is a group.</summary>
internal static class ConvImport
{
    public static void Import(ImportContext context, OnnxNode node)
    {
        var input = context.FloatActivation(node);
        var x = context.Image(node, input);
        var weights = context.Constant(node, 1);
        var (op, w) = Layer(context, node, x, weights);
        var bias = context.OptionalConstant(node, 2);
        var output = bias is null ? context.Emit(node, op, x, w) : context.Emit(node, op, x, w, Bias(context, node, bias));
        context.Define(node, output, Layout.Image(output.Shape.Height, output.Shape.Width, output.Shape.Channels));
    }

    /// <summary>The operator and its weights in order.</summary>
    public static (Operator Operator, Value Weights) Layer(ImportContext context, OnnxNode node, Value x, OnnxConstant weights)
    {
        var shape = weights.Tensor.Shape;
        if (shape.Rank != 4)
            throw node.Fault($"weights {weights.Name} are {shape}; only two-dimensional convolutions [O, I, KH, KW] are supported");
        if (shape.Any(d => d is < 1 or > OnnxLimits.LargestWindow))
            throw node.Fault($"weights {weights.Name} are {shape}");
        if (weights.Dequantized is { IsPerChannel: true, Axis: not 0 })
            throw node.Fault($"the scales of weights {weights.Name} run along axis {weights.Dequantized.Axis}; only output channels (0) are supported");
        var kernel = new Size2D(shape[2], shape[3]);
        var stated = node.Window("kernel_shape", 2, 1, 1);
        if (node.Ints("kernel_shape") is { Count: > 0 } && (stated[0] != kernel.Height || stated[1] != kernel.Width))
            throw node.Fault($"kernel_shape is [{stated[0]}, {stated[1]}], the weights are {shape}");

        var group = node.Int("group", 1);
        var channels = x.Shape.Channels;
        if (group < 1 || group > channels || channels % group != 0 || shape[0] % group != 0 || shape[1] != channels / group)
            throw node.Fault($"weights {shape} in {group} groups do not fit {channels} input channels");
        var window = Window.Read(node, x.Shape, kernel);
        if (group == channels && shape[0] == channels && group > 1)
        {
            return (
                new DepthwiseConv2D(window.Stride, window.Padding, window.Dilation),
                context.Parameter(node, weights, "depthwise", 2, t => ConstantOrder.Transpose(t, [2, 3, 0, 1]).Reshape(new Shape(shape[2], shape[3], shape[0]))));
        }

        var op = new Conv2D(window.Stride, window.Padding, window.Dilation);
        return group == 1
            ? (op, context.Parameter(node, weights, "conv", 0, t => ConstantOrder.Transpose(t, [0, 2, 3, 1])))
            : (op, context.Parameter(node, weights, $"conv in {group} groups", 0, t => Expand(context, node, t, (int)group)));
    }

    /// <summary>A bias of one value a channel.</summary>
    public static Value Bias(ImportContext context, OnnxNode node, OnnxConstant bias) =>
        context.Parameter(node, bias, "bias", 0, t => t.Reshape(new Shape(t.Shape.ElementCount)));

    // Groups become one convolution whose weights between groups are zero.
    private static Tensor Expand(ImportContext context, OnnxNode node, Tensor weights, int group)
    {
        var (o, i, h, w) = (weights.Shape[0], weights.Shape[1], weights.Shape[2], weights.Shape[3]);
        context.Charge(node, (long)o * h * w * i * group);
        var size = weights.Type.Size();
        if (weights.Type == ElementType.UInt8)
            throw node.Fault("uint8 weights in groups are not supported");
        var grouped = ConstantOrder.Transpose(weights, [0, 2, 3, 1]);
        var result = new Tensor(weights.Type, new Shape(o, h, w, i * group));
        var row = i * size;
        for (var filter = 0; filter < o; filter++)
        {
            var first = filter / (o / group) * row;
            for (var tap = 0; tap < h * w; tap++)
            {
                var index = (filter * h * w) + tap;
                grouped.Bytes.Slice(index * row, row).CopyTo(result.Bytes[((index * row * group) + first)..]);
            }
        }

        return result;
    }
}
