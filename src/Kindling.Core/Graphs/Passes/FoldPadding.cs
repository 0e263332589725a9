using Kindling.Graphs.Operators;

namespace Kindling.Graphs.Passes;

/// <summary>
/// Lets a convolution do the zero padding before it. Exact for float and for 8 bits alike: both pad with the zero point. (Pools are left alone:
/// their own padding does not count as zero.)
/// </summary>
internal static class FoldPadding
{
    public static Graph Run(Graph graph) => GraphRewriter.Rewrite(graph, static (rewriter, node) =>
    {
        if (rewriter.Producer(node.Inputs[0]) is { Operator: Pad pad } padding
            && Equals(padding.Inputs[0].Quantization, padding.Output.Quantization)
            && Padded(node.Operator, pad.Padding) is { } padded)
        {
            rewriter.Emit(new Node(node.Name, padded, [padding.Inputs[0], .. node.Inputs.Skip(1)], node.Output));
        }
        else
        {
            rewriter.Emit(node);
        }
    });

    private static Operator? Padded(Operator op, Padding p) => op switch
    {
        Conv2D o => o with { Padding = Sum(o.Padding, p) },
        DepthwiseConv2D o => o with { Padding = Sum(o.Padding, p) },
        _ => null,
    };

    private static Padding Sum(Padding a, Padding b) => new(a.Top + b.Top, a.Left + b.Left, a.Bottom + b.Bottom, a.Right + b.Right);
}
