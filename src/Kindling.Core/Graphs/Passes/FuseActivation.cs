using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Graphs.Passes;

/// <summary>Lets the layer before a ReLU, ReLU6 or clip to -1…1 apply it while it stores its results. Float only: between 8-bit values a clip may also rescale.</summary>
internal static class FuseActivation
{
    public static Graph Run(Graph graph) => GraphRewriter.Rewrite(graph, static (rewriter, node) =>
    {
        if (node.Operator is Clip clip && node.Output.Type == ElementType.Float32 && rewriter.IsReadOnce(node.Inputs[0])
            && rewriter.Producer(node.Inputs[0]) is { } layer && Fused(layer.Operator, clip) is { } fused)
        {
            rewriter.Merge(layer, new Node(layer.Name, fused, layer.Inputs, node.Output));
        }
        else
        {
            rewriter.Emit(node);
        }
    });

    private static Operator? Fused(Operator op, Clip clip) => op switch
    {
        Conv2D o => Combine(o.Activation, clip) is { } a ? o with { Activation = a } : null,
        DepthwiseConv2D o => Combine(o.Activation, clip) is { } a ? o with { Activation = a } : null,
        Dense o => Combine(o.Activation, clip) is { } a ? o with { Activation = a } : null,
        Add o => Combine(o.Activation, clip) is { } a ? o with { Activation = a } : null,
        Multiply o => Combine(o.Activation, clip) is { } a ? o with { Activation = a } : null,
        MaxPool2D o => Combine(o.Activation, clip) is { } a ? o with { Activation = a } : null,
        AveragePool2D o => Combine(o.Activation, clip) is { } a ? o with { Activation = a } : null,
        _ => null,
    };

    // One clip after another is a clip to what both ranges share.
    private static Activation? Combine(Activation first, Clip second)
    {
        var (min, max) = first.Range();
        var low = Math.Max(min, second.Min);
        var high = Math.Min(max, second.Max);
        return low <= high ? new Clip(low, high).AsActivation() : null;
    }
}
