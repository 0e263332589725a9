using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Deployment.Generation.Memory;

/// <summary>
/// Computes an image twice instead of keeping it: once for the mean over it (squeeze-and-excite needs the mean before it can go on with the image),
/// once for whoever reads it afterwards. Both times it may then pass by in rows.
/// </summary>
internal static class Recompute
{
    /// <summary>What is added to the names of what is computed for the mean.</summary>
    public const string FirstPass = "/first_pass";

    /// <summary>The nodes that are computed twice when a mean is taken from a copy: from <paramref name="length"/> nodes before the mean on; null where
    /// that is not possible.</summary>
    public static IReadOnlyList<Node>? Chain(Graph graph, Node mean, int length)
    {
        var chain = new List<Node>();
        var value = mean.Inputs[0];
        if (graph.Outputs.Contains(value) || graph.Consumers(value).Count < 2)
            return null;
        while (chain.Count < length)
        {
            if (graph.Producer(value) is not { } producer || producer.Operator is Concat or Reshape || StagedOperator.Of(producer) is not { IsSum: false }
                || (chain.Count > 0 && (graph.Consumers(value).Count > 1 || graph.Outputs.Contains(value)))
                || producer.Inputs.Count(i => !i.IsConstant) != 1 || producer.Name.EndsWith(FirstPass, StringComparison.Ordinal))
                return null;
            chain.Insert(0, producer);
            value = producer.Inputs[0];
        }

        return chain;
    }

    /// <summary>The network in which the chain is computed for the mean alone, and again before its next reader.</summary>
    public static Graph Apply(Graph graph, Node mean, IReadOnlyList<Node> chain)
    {
        var image = mean.Inputs[0];
        var reader = graph.Consumers(image).First(n => !ReferenceEquals(n, mean));
        var copies = new Dictionary<Value, Value>();
        var nodes = new List<Node>();
        foreach (var node in graph.Nodes)
        {
            if (ReferenceEquals(node, reader))
                nodes.AddRange(chain);
            if (chain.Contains(node))
            {
                var output = new Value(node.Output.Name + FirstPass, node.Output.Type, node.Output.Shape, node.Output.Quantization);
                nodes.Add(new Node(node.Name + FirstPass, node.Operator, [.. node.Inputs.Select(i => copies.GetValueOrDefault(i, i))], output));
                copies.Add(node.Output, output);
            }
            else
            {
                nodes.Add(ReferenceEquals(node, mean) ? new Node(node.Name, node.Operator, [copies[image]], node.Output) : node);
            }
        }

        return new Graph(graph.Name, graph.Inputs, graph.Outputs, nodes, graph.Metadata);
    }

    /// <summary>Multiply-accumulates that are computed a second time.</summary>
    public static long Macs(Graph graph) => graph.Nodes.Where(n => n.Name.EndsWith(FirstPass, StringComparison.Ordinal)).Sum(n => n.Macs);
}
