using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Formats.Weights;

/// <summary>A node of a graph with the constants that can be filled.</summary>
internal sealed record WeightTarget(Node Node, IReadOnlyList<(WeightRole Role, Value Value)> Parameters)
{
    private static readonly WeightRole[] Kernel = [WeightRole.Weights, WeightRole.Bias];
    private static readonly WeightRole[] Normalization = [WeightRole.Gamma, WeightRole.Beta, WeightRole.Mean, WeightRole.Variance];

    /// <summary>The constant of the layer that others are named after.</summary>
    public Value First => Parameters[0].Value;

    /// <summary>All layers with constants, in order.</summary>
    public static IReadOnlyList<WeightTarget> Of(Graph graph) =>
    [
        .. graph.Nodes.Select(n => new WeightTarget(n, [.. Roles(n.Operator).Zip(n.Inputs.Skip(1)).Where(p => p.Second.IsConstant)]))
            .Where(t => t.Parameters.Count > 0),
    ];

    /// <summary>True when the file's layer is of the same kind.</summary>
    public bool TakesKindOf(WeightLayer layer) => Node.Operator switch
    {
        BatchNorm => layer.Find(WeightRole.Mean) is not null,
        DepthwiseConv2D => layer.Find(WeightRole.Weights) is { } w && (layer.IsDepthwise || w.Data.Shape.Rank == 4),
        Conv2D => layer.Find(WeightRole.Weights) is { } w && !layer.IsDepthwise && w.Data.Shape.Rank == 4,
        _ => layer.Find(WeightRole.Weights) is { } w && w.Data.Shape.Rank == 2,
    };

    private static WeightRole[] Roles(Operator op) => op switch
    {
        Conv2D or DepthwiseConv2D or Dense => Kernel,
        BatchNorm => Normalization,
        _ => [],
    };
}
