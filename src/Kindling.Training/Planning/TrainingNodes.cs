using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Training.Planning;

/// <summary>
/// The nodes of a graph as training runs them: the closing softmax left to the loss, clippings joined to the layer before,
/// paddings to the convolution behind. Values and constants are the graph's own.
/// </summary>
internal sealed class TrainingNodes
{
    private readonly Dictionary<Value, int> _uses = [];

    private TrainingNodes(IReadOnlyList<Node> nodes, Value logits)
    {
        Nodes = nodes;
        Logits = logits;
        foreach (var input in nodes.SelectMany(n => n.Inputs).Append(logits))
            _uses[input] = _uses.GetValueOrDefault(input) + 1;
    }

    /// <summary>The nodes in topological order.</summary>
    public IReadOnlyList<Node> Nodes { get; }

    /// <summary>What the loss is computed from.</summary>
    public Value Logits { get; }

    /// <summary>How often a value is read, the loss included.</summary>
    public int Uses(Value value) => _uses.GetValueOrDefault(value);

    /// <summary>The node that computes a value; null for inputs and constants.</summary>
    public Node? Producer(Value value) => Nodes.FirstOrDefault(n => ReferenceEquals(n.Output, value));

    /// <summary>Rewrites a graph for training.</summary>
    /// <exception cref="GraphException">It has not exactly one input and one output <c>[1, classes]</c>.</exception>
    public static TrainingNodes From(Graph graph)
    {
        if (graph.Inputs.Count != 1 || graph.Outputs.Count != 1)
            throw new GraphException($"{graph.Name}: training needs one input and one output, the graph has {graph.Inputs.Count} and {graph.Outputs.Count}");
        var nodes = graph.Nodes.ToList();
        var logits = graph.Outputs[0];
        if (logits.Shape.Rank != 2 || logits.Shape.Channels < 2)
            throw new GraphException($"{graph.Name}: the output is {logits.Shape}; training needs one score for each of at least two classes");
        if (nodes.Count > 0 && nodes[^1] is { Operator: Softmax { Beta: 1 } } last && ReferenceEquals(last.Output, logits))
        {
            logits = last.Inputs[0];
            nodes.RemoveAt(nodes.Count - 1);
        }

        FoldPads(nodes);
        FoldClips(nodes, logits);
        for (var i = 0; i < nodes.Count; i++)
        {
            if (nodes[i].Operator is BatchNorm norm)
                nodes[i] = With(nodes[i], new TrainingBatchNorm(norm, float.NegativeInfinity, float.PositiveInfinity));
        }

        return new TrainingNodes(nodes, logits);
    }

    private static void FoldPads(List<Node> nodes)
    {
        for (var i = nodes.Count - 1; i >= 0; i--)
        {
            if (nodes[i].Operator is not Pad pad || nodes.Count(n => n.Inputs.Contains(nodes[i].Output)) != 1)
                continue;
            var behind = nodes.FindIndex(n => n.Inputs.Contains(nodes[i].Output));
            var folded = nodes[behind].Operator switch
            {
                Conv2D conv => conv with { Padding = Sum(conv.Padding, pad.Padding) },
                DepthwiseConv2D conv => conv with { Padding = Sum(conv.Padding, pad.Padding) },
                _ => (Operator?)null,
            };
            if (folded is null)
                continue;
            nodes[behind] = new Node(nodes[behind].Name, folded, [nodes[i].Inputs[0], .. nodes[behind].Inputs.Skip(1)], nodes[behind].Output);
            nodes.RemoveAt(i);
        }
    }

    private static void FoldClips(List<Node> nodes, Value logits)
    {
        for (var i = nodes.Count - 1; i >= 0; i--)
        {
            if (nodes[i].Operator is not Clip clip)
                continue;
            var input = nodes[i].Inputs[0];
            var before = nodes.FindIndex(n => ReferenceEquals(n.Output, input));
            if (before < 0 || ReferenceEquals(input, logits) || nodes.Count(n => n.Inputs.Contains(input)) != 1)
                continue;
            if (Join(nodes[before].Operator, clip) is not { } joined)
                continue;
            nodes[before] = new Node(nodes[before].Name, joined, nodes[before].Inputs, nodes[i].Output);
            nodes.RemoveAt(i);
        }
    }

    private static Operator? Join(Operator op, Clip clip) => (op, clip.AsActivation()) switch
    {
        (BatchNorm norm, _) => new TrainingBatchNorm(norm, clip.Min, clip.Max),
        (Conv2D { Activation: Activation.None } conv, { } activation) => conv with { Activation = activation },
        (DepthwiseConv2D { Activation: Activation.None } conv, { } activation) => conv with { Activation = activation },
        (Dense { Activation: Activation.None } dense, { } activation) => dense with { Activation = activation },
        (Add { Activation: Activation.None } add, { } activation) => add with { Activation = activation },
        _ => null,
    };

    private static Node With(Node node, Operator op) => new(node.Name, op, node.Inputs, node.Output);

    private static Padding Sum(Padding a, Padding b) => new(a.Top + b.Top, a.Left + b.Left, a.Bottom + b.Bottom, a.Right + b.Right);
}
