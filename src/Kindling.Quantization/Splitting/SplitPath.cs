using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Quantization.Equalization;

namespace Kindling.Quantization.Splitting;

/// <summary>The way of a layer's channels to the layers behind it, if pieces of these channels can take it as well.</summary>
/// <param name="Layer">The layer whose channels may be split: a convolution with ReLU or ReLU6.</param>
/// <param name="Values">Activations on the way, the layer's own first.</param>
/// <param name="Readers">The convolutions and fully connected layers at its end.</param>
internal sealed record SplitPath(Node Layer, IReadOnlyList<Value> Values, IReadOnlyList<Node> Readers)
{
    /// <summary>The way of a layer's channels; null when they cannot be split, and then why.</summary>
    public static SplitPath? Find(Graph graph, Node layer, out string reason)
    {
        reason = Refusal(graph, layer, out var path);
        return reason.Length > 0 ? null : new SplitPath(layer, [.. path!.Values.Select(v => v.Value)], [.. path.Ends.Select(e => e.Layer)]);
    }

    /// <summary>Multiply-accumulates that <paramref name="pieces"/> pieces add, if nothing else is split.</summary>
    public long AddedMacs(int pieces) => (pieces - 1) * (Layer.Macs + Readers.Sum(r => r.Macs));

    private static string Refusal(Graph graph, Node layer, out ChannelPath? path)
    {
        path = null;
        if (layer.Operator is not Conv2D || !LayerWeights.Has(graph, layer))
            return $"is {layer.Operator.Kind}; only convolutions with weights of their own can be split";
        if (LayerWeights.ActivationOf(layer) is not (Activation.Relu or Activation.Relu6))
            return "is not followed by a ReLU or ReLU6, which would cut off the pieces at zero";
        path = ChannelPath.Find(graph, layer);
        if (path is null)
            return "has readers other than pools, convolutions and fully connected layers";
        var channels = path.Channels;
        if (path.Values.Any(v => v.First > 0 || v.Value.Shape.Channels != channels))
            return "is concatenated with others, which would have to share the pieces' scale";
        if (path.Summands.Count > 0)
            return "has constants added to it";
        if (path.Ends.Find(e => e.Layer.Operator is DepthwiseConv2D).Layer is { } depthwise)
            return $"is read by {depthwise.Name}, a depthwise convolution, which cannot join pieces";
        if (path.Values.Select(v => graph.Producer(v.Value)!).FirstOrDefault(n => n != layer && n.Operator is not (MaxPool2D or AveragePool2D or GlobalAveragePool or Pad)) is { } other)
            return $"is read by {other.Name} ({other.Operator.Kind}), which cannot take pieces";
        return "";
    }
}
