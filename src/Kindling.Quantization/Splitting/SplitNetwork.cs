using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Parameters = Kindling.Tensors.Quantization;

namespace Kindling.Quantization.Splitting;

/// <summary>Splits the channels of a float network's layers, named or chosen.</summary>
/// <param name="graph">The network, folded and equalized.</param>
/// <param name="options">Which layers, how many pieces, threads.</param>
/// <param name="images">Preprocessed images.</param>
/// <param name="cancellation">Stops between batches and layers.</param>
internal sealed class SplitNetwork(Graph graph, QuantizationOptions options, IEnumerable<ReadOnlyMemory<float>> images, CancellationToken cancellation)
{
    // What one layer's rounding does to the scores shows on few images.
    private const int JudgedImages = 32;

    // A layer that makes less of the noise than this is not worth its pieces.
    private const double LeastShare = 0.02;

    private readonly ChannelSplittingOptions _splitting = options.Splitting!;

    /// <summary>Splits.</summary>
    /// <param name="calibrator">What was seen of the network's activations.</param>
    /// <param name="parameters">Scale and zero point of each activation without splitting.</param>
    /// <returns>The network, what was split in the order of the network, and the activations with pieces.</returns>
    /// <exception cref="KindlingException">A layer cannot be split or is not there.</exception>
    public (Graph Graph, IReadOnlyList<SplitLayer> Layers, IReadOnlyCollection<Value> Pieces) Run(Calibrator calibrator, IReadOnlyDictionary<Value, Parameters> parameters)
    {
        var paths = _splitting.Layers.Count > 0 ? Named() : [.. graph.Nodes.Select(n => SplitPath.Find(graph, n, out _)).OfType<SplitPath>()];
        if (paths.Count == 0)
            return (graph, [], []);
        var histograms = ChannelHistograms.Of(
            graph, paths.ToDictionary(p => p.Layer.Output, p => calibrator.Statistics[p.Layer.Output].Range.Max), images, options.Threads, cancellation);
        var ends = paths.ToDictionary(p => p, p => Ends(p, histograms[p.Layer.Output]));
        if (_splitting.Layers.Count == 0)
            paths = Choose(paths, ends, parameters);

        var split = graph;
        var layers = new List<SplitLayer>();
        foreach (var path in paths)
        {
            // The layers of earlier paths have other nodes by now.
            var before = split;
            split = ChannelSplitter.Run(before, Path(before, path.Layer.Name), ends[path]);
            layers.Add(new SplitLayer(
                path.Layer.Name, path.Layer.Output.Shape.Channels, _splitting.Pieces, split.Macs - before.Macs, split.ParameterCount - before.ParameterCount));
        }

        return (split, layers, [.. layers.SelectMany(l => Path(split, l.Name).Values)]);
    }

    private static SplitPath Path(Graph graph, string layer) => SplitPath.Find(graph, graph.Nodes.First(n => n.Name == layer), out _)!;

    private List<SplitPath> Named()
    {
        foreach (var name in _splitting.Layers)
        {
            var node = graph.Nodes.FirstOrDefault(n => n.Name == name) ?? throw new KindlingException(
                $"{graph.Name} has no layer {name} to split; those that can be split are {string.Join(", ", graph.Nodes.Where(n => SplitPath.Find(graph, n, out _) is not null).Select(n => n.Name))}");
            if (SplitPath.Find(graph, node, out var reason) is null)
                throw new KindlingException($"{name} cannot be split: it {reason}");
        }

        return [.. graph.Nodes.Where(n => _splitting.Layers.Contains(n.Name)).Select(n => SplitPath.Find(graph, n, out _)!)];
    }

    private float[][] Ends(SplitPath path, ChannelHistograms histograms)
    {
        var isClipped = Equalization.LayerWeights.ActivationOf(path.Layer) == Activation.Relu6;
        return [.. Enumerable.Range(0, path.Layer.Output.Shape.Channels).Select(c =>
        {
            var end = isClipped ? ChannelSplitter.End : histograms.Largest(c);
            return ChannelPieces.Cut(histograms.Counts(c), histograms.Bin, end > 0 ? end : ChannelSplitter.End, _splitting.Pieces);
        })];
    }

    private List<SplitPath> Choose(List<SplitPath> paths, Dictionary<SplitPath, float[][]> ends, IReadOnlyDictionary<Value, Parameters> parameters)
    {
        var noise = new RoundingNoise(graph, images, JudgedImages, options.Threads, cancellation);
        var all = noise.Of(graph, parameters);
        var pieces = AffineQuantization.Asymmetric(ChannelSplitter.Range);
        var gains = new Dictionary<SplitPath, double>();
        foreach (var path in paths)
        {
            var whole = noise.Of(graph, path.Values.ToDictionary(v => v, v => parameters[v]));
            if (whole < LeastShare * all)
                continue;
            var split = ChannelSplitter.Run(graph, path, ends[path]);
            var output = split.Nodes.First(n => n.Name == path.Layer.Name).Output;
            gains[path] = whole - noise.Of(split, new Dictionary<Value, Parameters> { [output] = pieces });
        }

        // Layers that read each other's pieces add more together than alone.
        var most = (1 + _splitting.MostGrowth) * graph.Macs;
        var grown = graph;
        var chosen = new HashSet<SplitPath>();
        foreach (var path in gains.Keys.Where(p => gains[p] > 0).OrderByDescending(p => gains[p] / p.AddedMacs(_splitting.Pieces)))
        {
            var candidate = ChannelSplitter.Run(grown, Path(grown, path.Layer.Name), ends[path]);
            if (candidate.Macs > most)
                continue;
            grown = candidate;
            chosen.Add(path);
        }

        return [.. paths.Where(chosen.Contains)];
    }
}
