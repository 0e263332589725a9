using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Quantization.Equalization;

/// <summary>
/// Takes products with constants behind a layer out of a network, which is what is left of a batch normalization behind a ReLU:
/// <c>m relu(w x) + t</c> is <c>s (relu(|m| w x) + s t)</c> with the sign s of m, and a sign goes into the weights behind. One rounding to
/// 8 bits less, and no per-tensor scale for factors of very different size.
/// </summary>
internal static class ProductAbsorption
{
    /// <summary>Rewrites a network.</summary>
    /// <param name="graph">A network with constants of its own, which are changed.</param>
    /// <param name="largest">Largest magnitude of each channel by activation, changed along.</param>
    public static Graph Run(Graph graph, Dictionary<string, float[]> largest)
    {
        foreach (var node in graph.Nodes)
        {
            if (Absorb(graph, node, largest) is { } rewritten)
                return Run(rewritten, largest);
        }

        return graph;
    }

    private static Graph? Absorb(Graph graph, Node product, Dictionary<string, float[]> largest)
    {
        if (product.Operator is not Multiply { Activation: Activation.None } || !product.Inputs[1].IsConstant
            || product.Inputs[1].Shape.ElementCount != product.Output.Shape.Channels || graph.Outputs.Contains(product.Output)
            || graph.Producer(product.Inputs[0]) is not { } layer || !LayerWeights.Has(graph, layer) || layer.Inputs.Count < 3
            || LayerWeights.ActivationOf(layer) is not (Activation.None or Activation.Relu) || graph.Consumers(layer.Output).Count != 1)
        {
            return null;
        }

        var factors = product.Inputs[1].Constant!.AsSpan<float>().ToArray();
        var path = ChannelPath.Find(graph, layer, product.Output);
        if (path is not { IsLinear: true } && factors.Any(f => f < 0))
            return null;
        for (var c = 0; c < factors.Length; c++)
        {
            LayerWeights.ScaleOutput(layer, c, MathF.Abs(factors[c]));
            if (factors[c] < 0)
                ChangeSign(path!, c);
            largest[layer.Output.Name][c] *= MathF.Abs(factors[c]);
        }

        var nodes = graph.Nodes.Where(n => n != product)
            .Select(n => new Node(n.Name, n.Operator, [.. n.Inputs.Select(i => i == product.Output ? layer.Output : i)], n.Output)).ToList();
        return new Graph(graph.Name, graph.Inputs, graph.Outputs, nodes, graph.Metadata);
    }

    private static void ChangeSign(ChannelPath path, int channel)
    {
        foreach (var (layer, first) in path.Ends)
            LayerWeights.ScaleInput(layer, first + channel, -1);
        foreach (var (constant, first) in path.Summands)
            constant.Constant!.AsSpan<float>()[first + channel] *= -1;
    }
}
