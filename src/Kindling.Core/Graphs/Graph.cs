namespace Kindling.Graphs;

/// <summary>
/// A network: nodes in topological order between inputs and outputs, with the metadata that makes it usable.
/// Immutable but for the contents of its constants, which training updates in place.
/// </summary>
public sealed class Graph
{
    private readonly Dictionary<Value, Node> _producers = [];
    private readonly Dictionary<Value, List<Node>> _consumers = [];

    /// <summary>Creates a graph and checks it.</summary>
    /// <exception cref="GraphException">A value is used before it is produced or produced twice, a name occurs twice,
    /// or an operator's shape inference disagrees with a node's output.</exception>
    public Graph(
        string name,
        IReadOnlyList<Value> inputs,
        IReadOnlyList<Value> outputs,
        IReadOnlyList<Node> nodes,
        ModelMetadata? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(nodes);
        Name = name;
        Inputs = inputs;
        Outputs = outputs;
        Nodes = nodes;
        Metadata = metadata ?? ModelMetadata.Empty;
        Check();
    }

    /// <summary>The model's name.</summary>
    public string Name { get; }

    /// <summary>What the network is fed with.</summary>
    public IReadOnlyList<Value> Inputs { get; }

    /// <summary>What the network answers.</summary>
    public IReadOnlyList<Value> Outputs { get; }

    /// <summary>The operators, each after those it depends on.</summary>
    public IReadOnlyList<Node> Nodes { get; }

    /// <summary>Preprocessing and class names.</summary>
    public ModelMetadata Metadata { get; }

    /// <summary>The constants the nodes use, each once, in order of first use.</summary>
    public IEnumerable<Value> Constants => Nodes.SelectMany(n => n.Inputs).Where(v => v.IsConstant).Distinct();

    /// <summary>Elements of all floating-point and quantized constants that are weights, biases or statistics: Keras' total parameter count.</summary>
    public long ParameterCount => Nodes.SelectMany(n => n.Operator.ParameterInputs(n.Inputs)).Distinct().Sum(v => (long)v.Shape.ElementCount);

    /// <summary>Multiply-accumulates of one sample.</summary>
    public long Macs => Nodes.Sum(n => n.Macs);

    /// <summary>The node that produces a value; null for inputs and constants.</summary>
    public Node? Producer(Value value) => _producers.GetValueOrDefault(value);

    /// <summary>The nodes that read a value, in order.</summary>
    public IReadOnlyList<Node> Consumers(Value value) => _consumers.TryGetValue(value, out var list) ? list : [];

    /// <summary>The same network with other metadata.</summary>
    public Graph With(ModelMetadata metadata) => new(Name, Inputs, Outputs, Nodes, metadata);

    /// <summary>The same network under another name.</summary>
    public Graph WithName(string name) => new(name, Inputs, Outputs, Nodes, Metadata);

    private void Check()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var known = new HashSet<Value>();
        foreach (var input in Inputs)
        {
            if (input.IsConstant)
                throw new GraphException($"{Name}: input {input.Name} is a constant");
            Define(input);
        }

        foreach (var node in Nodes)
        {
            foreach (var input in node.Inputs)
            {
                if (input.IsConstant && !known.Contains(input))
                    Define(input);
                if (!known.Contains(input))
                    throw new GraphException($"{node.Name} ({node.Operator.Kind}) reads {input.Name} before it is produced");
                if (!_consumers.TryGetValue(input, out var list))
                    _consumers[input] = list = [];
                if (list.Count == 0 || list[^1] != node)
                    list.Add(node);
            }

            var inferred = node.Operator.Infer(node.Name, node.Inputs);
            if (!inferred.Equals(node.Output.Shape))
                throw new GraphException($"{node.Name} ({node.Operator.Kind}): the output is declared {node.Output.Shape} but works out as {inferred}");
            Define(node.Output);
            _producers[node.Output] = node;
        }

        foreach (var output in Outputs)
        {
            if (!known.Contains(output))
                throw new GraphException($"{Name}: output {output.Name} is never produced");
        }

        void Define(Value value)
        {
            if (!known.Add(value))
                throw new GraphException($"{Name}: {value.Name} is produced twice");
            if (!names.Add(value.Name))
                throw new GraphException($"{Name}: two values are called {value.Name}");
        }
    }
}
