using Kindling.Graphs.Operators;

namespace Kindling.Graphs.Passes;

/// <summary>Takes dropout out: it is the identity at inference.</summary>
internal static class RemoveDropout
{
    public static Graph Run(Graph graph) => GraphRewriter.Rewrite(graph, static (rewriter, node) =>
    {
        if (node.Operator is Dropout)
            rewriter.Replace(node.Output, node.Inputs[0]);
        else
            rewriter.Emit(node);
    });
}
