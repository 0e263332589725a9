namespace Kindling.Graphs.Passes;

/// <summary>The rewrites a graph goes through, in their order. Every pass gives back the graph itself when it finds nothing to do.</summary>
public static class Passes
{
    /// <summary>
    /// The graph as an inference engine runs it: dropout gone, batch normalization, activations and paddings folded into the layers
    /// before or after. Of 8-bit layers only what is exact to the bit is touched (dropout, padding). A merged layer keeps the
    /// first layer's name; its output is the last layer's value. Folded weights are copies.
    /// </summary>
    public static Graph ForInference(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return FoldPadding.Run(FuseActivation.Run(FoldBatchNorm.Run(RemoveDropout.Run(graph))));
    }

    /// <summary>
    /// The graph as post-training quantization reads it: <see cref="ForInference"/>, with the batch normalization that could not be folded
    /// written as a product and a sum of constants.
    /// </summary>
    public static Graph ForQuantization(Graph graph) => FuseActivation.Run(LowerBatchNorm.Run(ForInference(graph)));
}
