using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Training.Distillation;

/// <summary>
/// A second output while a network learns: a fully connected layer that foretells the teachers' features from the network's own (hints, Romero and others 2015).
/// Features are what a classifier's last layer with weights reads, before dropout, each channel averaged over the image. The layer is no part of the network.
/// </summary>
internal sealed class FeatureHint
{
    /// <summary>What the names of the layer's constants begin with.</summary>
    public const string Prefix = "training.features";

    private readonly Value _weights;
    private readonly Value _bias;

    /// <summary>Draws the layer's weights.</summary>
    /// <param name="student">The network that learns.</param>
    /// <param name="teachers">The networks whose features are foretold, one after the other.</param>
    /// <param name="seed">Seed of the weights.</param>
    /// <exception cref="KindlingException">One of them has no layer with weights.</exception>
    public FeatureHint(Graph student, IEnumerable<Graph> teachers, long seed)
    {
        Features = teachers.Sum(t => Of(t).Shape.Channels);
        var builder = new GraphBuilder(Prefix, seed);
        var layer = builder.Build(null, builder.Dense(builder.Input("x", 1, Of(student).Shape.Channels), Features, name: Prefix)).Nodes[0];
        (_weights, _bias) = (layer.Inputs[1], layer.Inputs[2]);
    }

    /// <summary>How many numbers are foretold.</summary>
    public int Features { get; }

    /// <summary>True for the layer's own constants.</summary>
    public bool Owns(Value value) => ReferenceEquals(value, _weights) || ReferenceEquals(value, _bias);

    /// <summary>The network with one output: its scores before the softmax, and behind them the foretold features. Constants are the network's own.</summary>
    public Graph Extend(Graph graph)
    {
        var (nodes, scores) = BeforeSoftmax(graph);
        var features = Pool(nodes, Of(graph));
        Value Add(string name, Operator op, params Value[] inputs)
        {
            var output = new Value($"{Prefix}/{name}", ElementType.Float32, op.Infer(name, inputs));
            nodes.Add(new Node(output.Name, op, inputs, output));
            return output;
        }

        var foretold = Add("foretold", new Dense(), features, _weights, _bias);
        return new Graph(graph.Name, graph.Inputs, [Add("joined", new Concat(1), scores, foretold)], nodes, graph.Metadata);
    }

    /// <summary>The network with its scores before the softmax as output, and with <paramref name="withFeatures"/> its features <c>[1, C]</c> as a second.</summary>
    public static Graph Teaching(Graph graph, bool withFeatures)
    {
        var (nodes, scores) = BeforeSoftmax(graph);
        return new Graph(graph.Name, graph.Inputs, withFeatures ? [scores, Pool(nodes, Of(graph))] : [scores], nodes, graph.Metadata);
    }

    /// <summary>What the last layer with weights reads, before dropout.</summary>
    private static Value Of(Graph graph)
    {
        var last = graph.Nodes.LastOrDefault(n => n.Operator is Dense or Conv2D)
            ?? throw new KindlingException($"{graph.Name} has no convolution and no fully connected layer, so that it has no features either; training.distillation.feature_weight needs both networks to have some");
        var features = last.Inputs[0];
        while (graph.Producer(features) is { Operator: Dropout } dropout)
            features = dropout.Inputs[0];
        return features;
    }

    private static Value Pool(List<Node> nodes, Value features)
    {
        if (features.Shape.Rank == 2)
            return features;
        var op = new GlobalAveragePool();
        var pooled = new Value($"{Prefix}/pooled", ElementType.Float32, op.Infer(features.Name, [features]));
        nodes.Add(new Node(pooled.Name, op, [features], pooled));
        return pooled;
    }

    private static (List<Node> Nodes, Value Scores) BeforeSoftmax(Graph graph)
    {
        if (graph.Outputs.Count != 1 || graph.Producer(graph.Outputs[0]) is not { Operator: Softmax { Beta: 1 } } last)
            return ([.. graph.Nodes], graph.Outputs[0]);
        return ([.. graph.Nodes.Where(n => n != last)], last.Inputs[0]);
    }
}
