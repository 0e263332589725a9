using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Graphs.Passes;

/// <summary>
/// Multiplies batch normalization into the weights and bias of the convolution or fully connected layer before it, where that layer has
/// no activation and no other reader. Batch normalization after an activation stays.
/// </summary>
internal static class FoldBatchNorm
{
    public static Graph Run(Graph graph) => GraphRewriter.Rewrite(graph, static (rewriter, node) =>
    {
        if (node.Operator is BatchNorm batchNorm && rewriter.IsReadOnce(node.Inputs[0])
            && rewriter.Producer(node.Inputs[0]) is { } layer && ChannelAxis(layer) is { } axis)
        {
            rewriter.Merge(layer, Fold(rewriter, layer, axis, node, batchNorm));
        }
        else
        {
            rewriter.Emit(node);
        }
    });

    /// <summary>Factor and summand of each channel, in double precision.</summary>
    public static (double[] Scale, double[] Shift) ScaleAndShift(Node node, BatchNorm batchNorm)
    {
        var gamma = node.Inputs[1].Constant!.AsSpan<float>();
        var beta = node.Inputs[2].Constant!.AsSpan<float>();
        var mean = node.Inputs[3].Constant!.AsSpan<float>();
        var variance = node.Inputs[4].Constant!.AsSpan<float>();
        var scale = new double[gamma.Length];
        var shift = new double[gamma.Length];
        for (var c = 0; c < scale.Length; c++)
        {
            scale[c] = gamma[c] / Math.Sqrt((double)variance[c] + batchNorm.Epsilon);
            shift[c] = beta[c] - (mean[c] * scale[c]);
        }

        return (scale, shift);
    }

    // The dimension of the weights that runs along the output channels; null for layers that cannot take the factor in.
    private static int? ChannelAxis(Node layer) => layer.Operator switch
    {
        Conv2D { Activation: Activation.None } => HasConstantFloatWeights(layer) ? 0 : null,
        DepthwiseConv2D { Activation: Activation.None } => HasConstantFloatWeights(layer) ? 2 : null,
        Dense { Activation: Activation.None } => HasConstantFloatWeights(layer) ? 0 : null,
        _ => null,
    };

    private static bool HasConstantFloatWeights(Node layer) => layer.Inputs.Skip(1).All(i => i is { IsConstant: true, Type: ElementType.Float32 });

    private static Node Fold(GraphRewriter rewriter, Node layer, int axis, Node node, BatchNorm batchNorm)
    {
        var (scale, shift) = ScaleAndShift(node, batchNorm);
        var old = layer.Inputs[1];
        var weights = old.Constant!.Clone();
        var inner = weights.Shape.Skip(axis + 1).Aggregate(1, (product, d) => product * d);
        var elements = weights.AsSpan<float>();
        for (var i = 0; i < elements.Length; i++)
            elements[i] = (float)(elements[i] * scale[i / inner % scale.Length]);

        var bias = new Tensor(ElementType.Float32, new Shape(scale.Length));
        var sums = bias.AsSpan<float>();
        var before = layer.Inputs.Count > 2 ? layer.Inputs[2] : null;
        for (var c = 0; c < sums.Length; c++)
            sums[c] = (float)(((before is null ? 0 : before.Constant!.AsSpan<float>()[c]) * scale[c]) + shift[c]);

        return new Node(
            layer.Name, layer.Operator,
            [layer.Inputs[0], Changed(rewriter, old, weights), before is null ? New(rewriter, layer, bias) : Changed(rewriter, before, bias)],
            node.Output);
    }

    private static Value Changed(GraphRewriter rewriter, Value old, Tensor tensor) =>
        new(rewriter.IsPrivate(old) ? old.Name : rewriter.Unique($"{old.Name}_folded"), tensor);

    private static Value New(GraphRewriter rewriter, Node layer, Tensor tensor) => new(rewriter.Unique($"{layer.Name}/bias"), tensor);
}
