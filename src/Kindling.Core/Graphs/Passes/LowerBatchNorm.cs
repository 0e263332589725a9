using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Graphs.Passes;

/// <summary>Writes what batch normalization is left as a product and a sum with constants of one value a channel, which integer kernels have.</summary>
internal static class LowerBatchNorm
{
    public static Graph Run(Graph graph) => GraphRewriter.Rewrite(graph, static (rewriter, node) =>
    {
        if (node.Operator is not BatchNorm batchNorm)
        {
            rewriter.Emit(node);
            return;
        }

        var (scale, shift) = FoldBatchNorm.ScaleAndShift(node, batchNorm);
        var product = new Value(rewriter.Unique($"{node.Name}/scaled"), node.Output.Type, node.Output.Shape);
        rewriter.Emit(new Node($"{node.Name}/mul", new Multiply(), [node.Inputs[0], Constant(rewriter, $"{node.Name}/scale", scale)], product));
        rewriter.Emit(new Node($"{node.Name}/add", new Add(), [product, Constant(rewriter, $"{node.Name}/shift", shift)], node.Output));
    });

    private static Value Constant(GraphRewriter rewriter, string name, double[] values) =>
        new(rewriter.Unique(name), Tensor.From<float>(new Shape(values.Length), Array.ConvertAll(values, v => (float)v)));
}
