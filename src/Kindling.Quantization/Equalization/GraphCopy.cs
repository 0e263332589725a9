using Kindling.Graphs;

namespace Kindling.Quantization.Equalization;

/// <summary>Copies of networks whose constants may be changed.</summary>
internal static class GraphCopy
{
    /// <summary>The same network on copies of its constants; activations are the network's own values.</summary>
    public static Graph WithOwnConstants(Graph graph)
    {
        var copies = graph.Constants.ToDictionary(c => c, c => new Value(c.Name, c.Constant!.Clone(), c.Quantization));
        var nodes = graph.Nodes.Select(n => new Node(n.Name, n.Operator, [.. n.Inputs.Select(i => copies.GetValueOrDefault(i, i))], n.Output)).ToList();
        return new Graph(graph.Name, graph.Inputs, graph.Outputs, nodes, graph.Metadata);
    }
}
