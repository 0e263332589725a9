using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Numerics;
using Kindling.Tensors;

namespace Kindling.Formats.Weights;

/// <summary>
/// Fits the layers of a donor to a graph of other widths and kernel sizes. More channels: the donor's are repeated and what reads them shares its
/// weights among the copies at random, so that the function stays and the copies can grow apart (Net2WiderNet, Chen et al. 2016). Fewer channels:
/// the filters with the largest sum of magnitudes stay (Li et al. 2017). Another kernel size: the taps are distributed linearly.
/// </summary>
internal sealed class WidthAdaptation(Graph graph, long seed)
{
    private const float LeastShare = 0.3f;
    private readonly Dictionary<Value, ChannelMap> _maps = [];

    /// <summary>Replaces the tensors of a layer by fitting ones where the donor's channels are known; layers must come in the graph's order.</summary>
    /// <returns>What was done; null when the layer fits as it is, or cannot be fitted.</returns>
    public string? Adapt(WeightTarget target, Dictionary<WeightRole, Tensor> tensors)
    {
        var node = target.Node;
        if (node.Operator is BatchNorm or DepthwiseConv2D)
        {
            if (MapOf(node.Inputs[0]) is not { IsIdentity: false } map || tensors.Values.Any(t => t.Shape[^1] != map.SourceCount))
                return null;
            foreach (var (role, tensor) in tensors.ToList())
                tensors[role] = Pick(tensor, map.Sources);
            return "channels as before it";
        }

        if (!tensors.TryGetValue(WeightRole.Weights, out var kernel) || kernel.Shape.Rank != target.First.Shape.Rank)
            return null;
        var wanted = target.First.Shape;
        var input = MapOf(node.Inputs[0]) ?? ChannelMap.Identity(wanted[^1]);
        if (input.SourceCount != kernel.Shape[^1] || input.Sources.Length != wanted[^1])
            return null;
        var output = kernel.Shape[0] switch
        {
            var o when o == wanted[0] => ChannelMap.Identity(o),
            var o when o < wanted[0] => ChannelMap.Repeated(o, wanted[0]),
            _ => ChannelMap.Largest(Magnitudes(kernel), wanted[0]),
        };
        _maps[node.Output] = output;
        if (kernel.Shape.Equals(wanted) && input.IsIdentity)
            return null;
        var note = $"fitted from {kernel.Shape}";
        if (wanted.Rank == 4 && (kernel.Shape[1] != wanted[1] || kernel.Shape[2] != wanted[2]))
            kernel = Resample(kernel, wanted[1], wanted[2]);
        tensors[WeightRole.Weights] = Share(kernel, output.Sources, input, wanted, node.Name);
        if (tensors.TryGetValue(WeightRole.Bias, out var bias))
            tensors[WeightRole.Bias] = Pick(bias, output.Sources);
        return note;
    }

    private ChannelMap? MapOf(Value value)
    {
        if (_maps.TryGetValue(value, out var known))
            return known;
        if (graph.Producer(value) is not { } node)
            return ChannelMap.Identity(value.Shape[^1]);
        if (node.Operator is Conv2D or Dense or Reshape)
            return null;
        if (node.Operator is not Concat concat)
            return MapOf(node.Inputs[0]);
        var parts = node.Inputs.Select(MapOf).ToList();
        return concat.Axis == value.Shape.Rank - 1 && parts.All(p => p is not null) ? ChannelMap.Concat(parts!) : null;
    }

    private static double[] Magnitudes(Tensor kernel)
    {
        var filter = kernel.Shape.ElementCount / kernel.Shape[0];
        var sums = new double[kernel.Shape[0]];
        var weights = kernel.AsSpan<float>();
        for (var i = 0; i < weights.Length; i++)
            sums[i / filter] += Math.Abs(weights[i]);
        return sums;
    }

    private static Tensor Pick(Tensor tensor, int[] channels)
    {
        var sides = tensor.Shape.ToArray();
        var from = sides[^1];
        sides[^1] = channels.Length;
        var result = new Tensor(ElementType.Float32, new Shape(sides));
        var source = tensor.AsSpan<float>();
        var to = result.AsSpan<float>();
        for (var i = 0; i < to.Length; i++)
            to[i] = source[(i / channels.Length * from) + channels[i % channels.Length]];
        return result;
    }

    /// <summary>The kernel with the graph's channels; weights of repeated inputs are split in positive shares that add up to 1.</summary>
    private Tensor Share(Tensor kernel, int[] outputs, ChannelMap input, Shape wanted, string layer)
    {
        var result = new Tensor(ElementType.Float32, wanted);
        var from = kernel.AsSpan<float>();
        var to = result.AsSpan<float>();
        var taps = wanted.Rank == 4 ? wanted[1] * wanted[2] : 1;
        var shares = new float[input.Sources.Length];
        var sums = new float[input.SourceCount];
        var random = new RandomStream(seed, NameKey(layer));
        for (var o = 0; o < outputs.Length; o++)
        {
            Array.Clear(sums);
            for (var i = 0; i < shares.Length; i++)
                sums[input.Sources[i]] += shares[i] = random.NextSingle(LeastShare, 1);
            for (var t = 0; t < taps; t++)
            {
                for (var i = 0; i < shares.Length; i++)
                {
                    var source = input.Sources[i];
                    to[(((o * taps) + t) * shares.Length) + i] = from[(((outputs[o] * taps) + t) * input.SourceCount) + source] * (shares[i] / sums[source]);
                }
            }
        }

        return result;
    }

    private static Tensor Resample(Tensor kernel, int height, int width)
    {
        var s = kernel.Shape;
        var rows = Positions(s[1], height);
        var columns = Positions(s[2], width);
        var result = new Tensor(ElementType.Float32, new Shape(s[0], height, width, s[3]));
        var from = kernel.AsSpan<float>();
        var to = result.AsSpan<float>();
        var position = 0;
        for (var o = 0; o < s[0]; o++)
        {
            for (var y = 0; y < s[1]; y++)
            {
                for (var x = 0; x < s[2]; x++)
                {
                    for (var i = 0; i < s[3]; i++, position++)
                    {
                        foreach (var (row, a) in rows[y])
                        {
                            foreach (var (column, b) in columns[x])
                                to[(((((o * height) + row) * width) + column) * s[3]) + i] += from[position] * a * b;
                        }
                    }
                }
            }
        }

        return result;
    }

    /// <summary>Between which taps of the new kernel each old tap lies when both span the same pixels from their outermost taps' outer edges.</summary>
    private static (int Tap, float Share)[][] Positions(int from, int to)
    {
        var result = new (int, float)[from][];
        for (var i = 0; i < from; i++)
        {
            var place = Math.Clamp((((i + 0.5f) * to) / from) - 0.5f, 0, to - 1);
            var low = (int)place;
            var high = Math.Min(low + 1, to - 1);
            result[i] = [(low, 1 - (place - low)), (high, place - low)];
        }

        return result;
    }

    private static long NameKey(string name) => name.Aggregate(17L, (hash, c) => (hash * 31) + c);
}
