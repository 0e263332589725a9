using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Quantization.Equalization;
using Kindling.Training.QuantizationAware;
using Parameters = Kindling.Tensors.Quantization;

namespace Kindling.Quantization.FineTuning;

/// <summary>
/// A folded float network that computes what its int8 form will: activations rounded to the steps they will have, wherever the int8 network
/// rounds. Its constants are copies that training may change.
/// </summary>
internal sealed class FakeQuantizedNetwork
{
    private readonly Dictionary<Value, (int Axis, bool PerChannel)> _weights = [];

    /// <summary>Rewrites a network.</summary>
    /// <param name="graph">The folded float network.</param>
    /// <param name="parameters">Scale and zero point of every activation, by name.</param>
    /// <param name="options">Granularity of weights.</param>
    public FakeQuantizedNetwork(Graph graph, IReadOnlyDictionary<string, Parameters> parameters, QuantizationOptions options)
    {
        Plain = GraphCopy.WithOwnConstants(graph);
        var logits = FidelityMeter.Logits(Plain);
        var nodes = new List<Node>();
        var replaced = new Dictionary<Value, Value>();
        foreach (var node in Plain.Nodes)
        {
            nodes.Add(new Node(node.Name, node.Operator, [.. node.Inputs.Select(i => replaced.GetValueOrDefault(i, i))], node.Output));
            Register(node, options);
            // Scores stay as they are: their rounding teaches nothing, and clipped ones would have no gradient.
            if (node.Output == logits || !Rounds(node.Operator))
                continue;
            var q = parameters[node.Output.Name];
            var rounded = replaced[node.Output] = new Value($"{node.Output.Name}/int8", node.Output.Type, node.Output.Shape);
            nodes.Add(new Node($"{node.Name}/int8", new FakeQuantize(q.Scale, q.ZeroPoint), [node.Output], rounded));
        }

        Trained = new Graph(Plain.Name, Plain.Inputs, [.. Plain.Outputs.Select(o => replaced.GetValueOrDefault(o, o))], nodes, Plain.Metadata);
    }

    /// <summary>The network with rounding, to be trained.</summary>
    public Graph Trained { get; }

    /// <summary>The network without, on the same constants.</summary>
    public Graph Plain { get; }

    /// <summary>Shows weights as they will be in 8 bits: rounded to the steps that their largest magnitude gives.</summary>
    public void Show(Value parameter, Span<float> values)
    {
        if (!_weights.TryGetValue(parameter, out var layout))
            return;
        var channels = layout.PerChannel ? parameter.Shape[layout.Axis] : 1;
        var inner = layout.PerChannel ? parameter.Shape.Skip(layout.Axis + 1).Aggregate(1, (product, d) => product * d) : values.Length;
        var largest = new float[channels];
        for (var first = 0; first < values.Length; first += inner)
        {
            ref var most = ref largest[first / inner % channels];
            foreach (var value in values.Slice(first, inner))
                most = MathF.Max(most, MathF.Abs(value));
        }

        for (var first = 0; first < values.Length; first += inner)
        {
            var scale = largest[first / inner % channels] / 127;
            if (scale == 0)
                continue;
            foreach (ref var value in values.Slice(first, inner))
                value = MathF.Round(value / scale, MidpointRounding.AwayFromZero) * scale;
        }
    }

    private static bool Rounds(Operator op) =>
        op is Conv2D or DepthwiseConv2D or Dense or Add or Multiply or AveragePool2D or GlobalAveragePool or Sigmoid;

    private void Register(Node node, QuantizationOptions options)
    {
        if (node.Operator is Conv2D or DepthwiseConv2D or Dense)
            _weights[node.Inputs[1]] = (node.Operator is DepthwiseConv2D ? 2 : 0, node.Operator is Dense ? options.PerChannelDense : options.PerChannel);
    }
}
