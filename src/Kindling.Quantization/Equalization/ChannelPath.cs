using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Quantization.Equalization;

/// <summary>
/// The way of a layer's output channels to the layers that multiply them with weights, through operators that do not mind a factor above
/// zero on each channel: pools, padding with zeros, concatenation, a sum with constants.
/// </summary>
internal sealed class ChannelPath
{
    private ChannelPath(Node layer, int channels)
    {
        Layer = layer;
        Channels = channels;
    }

    /// <summary>The layer whose output channels these are.</summary>
    public Node Layer { get; }

    /// <summary>Channels.</summary>
    public int Channels { get; }

    /// <summary>The layers at the end, each with the first of its input channels that belongs to the path.</summary>
    public List<(Node Layer, int First)> Ends { get; } = [];

    /// <summary>True when every operator on the way lets a change of sign through as well.</summary>
    public bool IsLinear { get; private set; } = true;

    /// <summary>Constants that are added on the way, each with the first element that belongs to the path.</summary>
    public List<(Value Constant, int First)> Summands { get; } = [];

    /// <summary>Activations on the way, each with the first of its channels that belongs to the path.</summary>
    public List<(Value Value, int First)> Values { get; } = [];

    /// <summary>The path of a layer; null when some reader of its output is none of these.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="layer">A layer with weights.</param>
    /// <param name="from">Where the path starts: the layer's output, or what a product with constants made of it.</param>
    public static ChannelPath? Find(Graph graph, Node layer, Value? from = null)
    {
        var path = new ChannelPath(layer, layer.Output.Shape.Channels);
        return path.Follow(graph, from ?? layer.Output, 0) && path.Ends.Count > 0 ? path : null;
    }

    private bool Follow(Graph graph, Value value, int first)
    {
        Values.Add((value, first));
        var readers = graph.Consumers(value);
        return readers.Count > 0 && !graph.Outputs.Contains(value) && readers.All(reader => Follow(graph, reader, value, first));
    }

    private bool Follow(Graph graph, Node reader, Value value, int first)
    {
        switch (reader.Operator)
        {
            case Conv2D or DepthwiseConv2D or Dense when reader.Inputs[0] == value && graph.Consumers(reader.Inputs[1]).Count == 1:
                Ends.Add((reader, first));
                return true;
            case MaxPool2D { Activation: Activation.None or Activation.Relu } or AveragePool2D { Activation: Activation.Relu }:
                IsLinear = false;
                return Follow(graph, reader.Output, first);
            case AveragePool2D { Activation: Activation.None } or GlobalAveragePool or Pad:
                return Follow(graph, reader.Output, first);
            case Reshape when reader.Output.Shape.Channels == value.Shape.Channels:
                return Follow(graph, reader.Output, first);
            case Add { Activation: Activation.None } when reader.Inputs[0] == value && IsRow(graph, reader.Inputs[1], value):
                Summands.Add((reader.Inputs[1], first));
                return Follow(graph, reader.Output, first);
            case Concat { Activation: Activation.None } concat when concat.Axis == value.Shape.Rank - 1 && reader.Inputs.Count(i => i == value) == 1:
                return Follow(graph, reader.Output, first + reader.Inputs.TakeWhile(i => i != value).Sum(i => i.Shape.Channels));
            default:
                return false;
        }
    }

    private static bool IsRow(Graph graph, Value constant, Value value) =>
        constant.IsConstant && constant.Shape.ElementCount == value.Shape.Channels && graph.Consumers(constant).Count == 1;
}
