using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Graphs;

/// <summary>One row of a network's table.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Kind">The operator as TFLite spells it.</param>
/// <param name="OutputShape">Shape for batch 1.</param>
/// <param name="OutputType">Type of the output's elements.</param>
/// <param name="Parameters">Elements of weights, biases and statistics first used by this layer.</param>
/// <param name="WeightBytes">Bytes these elements take.</param>
/// <param name="Macs">Multiply-accumulates of one sample, padding taps included.</param>
/// <param name="Inputs">Names of the activations it reads.</param>
public sealed record LayerSummary(
    string Name, string Kind, Shape OutputShape, ElementType OutputType, long Parameters, long WeightBytes, long Macs, IReadOnlyList<string> Inputs);

/// <summary>A network as a table, with its totals: what <c>kindling show</c> and the reports print.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Layers">One row a node, in order.</param>
/// <param name="Parameters">All elements of weights, biases and statistics: Keras' total parameter count.</param>
/// <param name="TrainableParameters">The same without the moving statistics of batch normalization.</param>
/// <param name="Macs">Multiply-accumulates of one sample.</param>
/// <param name="WeightBytes">
/// Bytes of all constants that hold numbers of the network: for an int8 network the weights, 4 bytes a bias, and constant operands.
/// </param>
public sealed record GraphSummary(
    string Name, IReadOnlyList<LayerSummary> Layers, long Parameters, long TrainableParameters, long Macs, long WeightBytes)
{
    /// <summary>Adds a network up.</summary>
    public static GraphSummary Of(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var seen = new HashSet<Value>();
        var statistics = 0L;
        var rows = new List<LayerSummary>(graph.Nodes.Count);
        foreach (var node in graph.Nodes)
        {
            var constants = node.Inputs.Where(i => i.IsConstant && seen.Add(i)).ToList();
            var parameters = node.Operator.ParameterInputs(node.Inputs).Where(constants.Contains).Sum(v => (long)v.Shape.ElementCount);
            if (node.Operator is BatchNorm)
                statistics += node.Inputs.Skip(3).Where(constants.Contains).Sum(v => (long)v.Shape.ElementCount);
            rows.Add(new LayerSummary(
                node.Name, node.Operator.Kind, node.Output.Shape, node.Output.Type, parameters, constants.Sum(v => v.Bytes), node.Macs,
                [.. node.Inputs.Where(i => !i.IsConstant).Select(i => i.Name)]));
        }

        var total = rows.Sum(r => r.Parameters);
        return new GraphSummary(graph.Name, rows, total, total - statistics, graph.Macs, rows.Sum(r => r.WeightBytes));
    }
}
