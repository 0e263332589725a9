namespace Kindling.Graphs.Passes;

/// <summary>
/// Walks a graph in order and writes a new one: a pass looks at each node and emits it, replaces it, or merges it into a node that was
/// emitted before. Nodes whose output nobody reads afterwards are left out.
/// </summary>
internal sealed class GraphRewriter
{
    private readonly Graph _graph;
    private readonly List<Node> _nodes = [];
    private readonly Dictionary<Value, int> _producers = [];
    private readonly Dictionary<Value, Value> _replacements = [];
    private readonly HashSet<string> _names;

    private GraphRewriter(Graph graph)
    {
        _graph = graph;
        _names = [.. graph.Inputs.Concat(graph.Constants).Concat(graph.Nodes.Select(n => n.Output)).Select(v => v.Name)];
    }

    /// <summary>Decides what becomes of one node, whose inputs are already those of the new graph.</summary>
    public delegate void Visitor(GraphRewriter rewriter, Node node);

    /// <summary>Runs a pass; the graph itself when nothing changed.</summary>
    public static Graph Rewrite(Graph graph, Visitor visit)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var rewriter = new GraphRewriter(graph);
        foreach (var node in graph.Nodes)
            visit(rewriter, rewriter.WithMappedInputs(node));
        var nodes = rewriter.LiveNodes();
        return nodes.SequenceEqual(graph.Nodes)
            ? graph
            : new Graph(graph.Name, graph.Inputs, [.. graph.Outputs.Select(rewriter.Map)], nodes, graph.Metadata);
    }

    /// <summary>Writes a node into the new graph.</summary>
    public void Emit(Node node)
    {
        _producers[node.Output] = _nodes.Count;
        _nodes.Add(node);
    }

    /// <summary>Makes all later readers of a value read another one.</summary>
    public void Replace(Value value, Value by) => _replacements[value] = by;

    /// <summary>The node of the new graph that produces a value; null for inputs and constants.</summary>
    public Node? Producer(Value value) => _producers.TryGetValue(value, out var index) ? _nodes[index] : null;

    /// <summary>Puts one node in the place of an emitted one and of a later one that read only it; the later one's output is the new node's.</summary>
    public void Merge(Node emitted, Node merged)
    {
        var index = _producers[emitted.Output];
        _producers.Remove(emitted.Output);
        _producers[merged.Output] = index;
        _nodes[index] = merged;
    }

    /// <summary>True when a value is read once, by one node, and is no output of the graph.</summary>
    public bool IsReadOnce(Value value) =>
        !_graph.Outputs.Contains(value) && _graph.Consumers(value) is [var reader] && reader.Inputs.Count(i => i == value) == 1;

    /// <summary>True when only one node uses a constant, so that a changed copy may take its name.</summary>
    public bool IsPrivate(Value constant) => _graph.Consumers(constant).Count <= 1;

    /// <summary>A name no value of the graph has yet.</summary>
    public string Unique(string name)
    {
        var unique = name;
        for (var i = 1; !_names.Add(unique); i++)
            unique = $"{name}_{i}";
        return unique;
    }

    private Value Map(Value value)
    {
        while (_replacements.TryGetValue(value, out var by))
            value = by;
        return value;
    }

    private Node WithMappedInputs(Node node) => node.Inputs.Any(_replacements.ContainsKey)
        ? new Node(node.Name, node.Operator, [.. node.Inputs.Select(Map)], node.Output)
        : node;

    private List<Node> LiveNodes()
    {
        var needed = _graph.Outputs.Select(Map).ToHashSet();
        var live = new List<Node>();
        foreach (var node in Enumerable.Reverse(_nodes).Where(n => needed.Contains(n.Output)))
        {
            needed.UnionWith(node.Inputs);
            live.Add(node);
        }

        live.Reverse();
        return live;
    }
}
