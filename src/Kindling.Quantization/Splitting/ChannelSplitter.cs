using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Quantization.Estimators;
using Kindling.Tensors;

namespace Kindling.Quantization.Splitting;

/// <summary>
/// Writes each channel of a layer as pieces of its range: <c>x = sum of w_p / 6 * relu6(6 / w_p * (x - a_p))</c> with piece p from a_p to a_p + w_p. A piece is the
/// layer's own channel with scaled weights and a shifted bias, so its int8 weights are those of the channel, and the weights of the layers behind join the pieces.
/// The function stays the same up to the end of the last piece. All pieces range from 0 to 6 and have one scale.
/// </summary>
internal static class ChannelSplitter
{
    /// <summary>Where pieces end: the limit of ReLU6, the one clipped activation every runtime has.</summary>
    public const float End = 6;

    /// <summary>The range of every activation with pieces.</summary>
    public static ActivationRange Range { get; } = new(0, End);

    /// <summary>Splits the channels of one layer.</summary>
    /// <param name="graph">The float network.</param>
    /// <param name="path">The layer and what reads it.</param>
    /// <param name="ends">For each channel the ends of its pieces, ascending.</param>
    /// <returns>The network; activations with pieces get the suffix <c>_split</c>, as they are no longer those of the network before.</returns>
    public static Graph Run(Graph graph, SplitPath path, IReadOnlyList<float[]> ends)
    {
        var pieces = ends[0].Length;
        var values = path.Values.ToDictionary(v => v, v => Widened(v, pieces));
        var nodes = graph.Nodes.Select(node =>
            node == path.Layer ? Layer(node, ends, values[node.Output])
            : path.Readers.Contains(node) ? Reader(node, ends, values[node.Inputs[0]])
            : values.TryGetValue(node.Output, out var output) ? new Node(node.Name, node.Operator, [values[node.Inputs[0]], .. node.Inputs.Skip(1)], output)
            : node).ToList();
        return new Graph(graph.Name, graph.Inputs, graph.Outputs, nodes, graph.Metadata);
    }

    private static Value Widened(Value value, int pieces) =>
        new($"{value.Name}_split", value.Type, new Shape([.. value.Shape.SkipLast(1), value.Shape.Channels * pieces]));

    private static (float Start, float Width) Piece(float[] ends, int piece) =>
        piece == 0 ? (0, ends[0]) : (ends[piece - 1], ends[piece] - ends[piece - 1]);

    private static Node Layer(Node node, IReadOnlyList<float[]> ends, Value output)
    {
        var weights = node.Inputs[1].Constant!.AsSpan<float>();
        var channels = ends.Count;
        var pieces = ends[0].Length;
        var row = weights.Length / channels;
        var (w, b) = (new float[weights.Length * pieces], new float[channels * pieces]);
        for (var p = 0; p < pieces; p++)
        {
            for (var c = 0; c < channels; c++)
            {
                var (start, width) = Piece(ends[c], p);
                var factor = End / (double)width;
                var at = (p * channels) + c;
                var bias = node.Inputs.Count > 2 ? node.Inputs[2].Constant!.AsSpan<float>()[c] : 0;
                b[at] = (float)((bias - (double)start) * factor);
                for (var i = 0; i < row; i++)
                    w[(at * row) + i] = (float)(weights[(c * row) + i] * factor);
            }
        }

        var shape = new Shape([channels * pieces, .. node.Inputs[1].Shape.Skip(1)]);
        var biasName = node.Inputs.Count > 2 ? node.Inputs[2].Name : $"{node.Name}/split_bias";
        var op = ((Conv2D)node.Operator) with { Activation = Activation.Relu6 };
        return new Node(
            node.Name, op, [node.Inputs[0], new Value(node.Inputs[1].Name, Tensor.From<float>(shape, w)), new Value(biasName, Tensor.From<float>(new Shape(b.Length), b))], output);
    }

    private static Node Reader(Node node, IReadOnlyList<float[]> ends, Value input)
    {
        var weights = node.Inputs[1].Constant!.AsSpan<float>();
        var channels = ends.Count;
        var pieces = ends[0].Length;
        var w = new float[weights.Length * pieces];
        for (var i = 0; i < weights.Length; i++)
        {
            var (tap, c) = Math.DivRem(i, channels);
            for (var p = 0; p < pieces; p++)
                w[(((tap * pieces) + p) * channels) + c] = (float)(weights[i] * (double)Piece(ends[c], p).Width / End);
        }

        var shape = new Shape([.. node.Inputs[1].Shape.SkipLast(1), node.Inputs[1].Shape[^1] * pieces]);
        return new Node(node.Name, node.Operator, [input, new Value(node.Inputs[1].Name, Tensor.From<float>(shape, w)), .. node.Inputs.Skip(2)], node.Output);
    }
}
