using Kindling.Graphs;

namespace Kindling.Zoo.Tests;

internal static class Layers
{
    /// <summary>The output size of a layer without the batch.</summary>
    public static string Size(Graph graph, string layer) => graph.Nodes.Single(n => n.Name == layer).Output.Shape.ToSizeString();
}
