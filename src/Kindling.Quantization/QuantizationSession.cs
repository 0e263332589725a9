using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Graphs.Passes;
using Kindling.Quantization.Rounding;
using Kindling.Quantization.Splitting;

namespace Kindling.Quantization;

/// <summary>A float network with its calibration, quantized as often as one likes: images are run only once for each form of the network.</summary>
internal sealed class QuantizationSession
{
    private readonly IEnumerable<ReadOnlyMemory<float>> _images;
    private readonly IProgress<QuantizationProgress>? _progress;
    private readonly CancellationToken _cancellation;
    private readonly Graph _prepared;
    private readonly Dictionary<(bool Equalized, bool PerChannel, float Balance), Calibrator> _calibrations = [];

    /// <summary>Prepares a network.</summary>
    /// <exception cref="KindlingException">An operator has no 8-bit form.</exception>
    public QuantizationSession(
        Graph graph, IEnumerable<ReadOnlyMemory<float>> images, IProgress<QuantizationProgress>? progress, CancellationToken cancellation)
    {
        _prepared = Passes.ForQuantization(graph);
        GraphQuantizer.CheckOperators(_prepared);
        _images = images;
        _progress = progress;
        _cancellation = cancellation;
    }

    /// <summary>True collects at once what any option may need; false what the first options need.</summary>
    public bool NeedsAll { get; init; }

    /// <summary>Quantizes the network.</summary>
    public QuantizationResult Quantize(QuantizationOptions options)
    {
        options.Check();
        var calibrator = Calibrate(options);
        var parameters = Parameters(calibrator, options);
        IReadOnlyList<SplitLayer> splits = [];
        if (options.Splitting is not null)
        {
            (var split, splits, var pieces) = new SplitNetwork(calibrator.Graph, options, _images, _cancellation).Run(calibrator, parameters);
            if (splits.Count > 0)
                parameters = Parameters(calibrator = Observe(split, options, withChannels: false), options, pieces);
        }

        var graph = calibrator.Graph;
        using var tuner = options.Tunes ? new LayerTuner(graph, _images, options, _progress, _cancellation) : null;
        var quantized = new GraphQuantizer(graph, parameters, options, tuner, splits).Run();
        return new QuantizationResult(
            quantized, graph, [.. parameters.Select(p => new QuantizedActivation(p.Key.Name, calibrator.Statistics[p.Key].Range, p.Value))], calibrator.Images)
        {
            Splits = splits,
        };
    }

    private static IReadOnlyDictionary<Value, Tensors.Quantization> Parameters(Calibrator calibrator, QuantizationOptions options, IReadOnlyCollection<Value>? pieces = null)
    {
        var graph = calibrator.Graph;
        var ranges = calibrator.Ranges(options.RangeEstimator).ToDictionary();
        // The range photos can have is known; a calibration set without a black or a white pixel must not change the input's scale.
        if (graph.Metadata.Preprocessing is { Standardization: Standardization.None } preprocessing)
            ranges[graph.Inputs[0]] = PixelRange(preprocessing);
        if (options.NarrowScores && calibrator.DecidingScores is var (scores, deciding))
        {
            for (var value = scores; ; value = graph.Producer(value)!.Inputs[0])
            {
                ranges[value] = deciding;
                if (graph.Producer(value)?.Operator is not Reshape)
                    break;
            }
        }

        foreach (var piece in pieces ?? [])
            ranges[piece] = ChannelSplitter.Range;
        return new ScaleGroups(graph).Assign(ranges);
    }

    private Calibrator Calibrate(QuantizationOptions options)
    {
        var form = (options.Equalize, options.Equalize && options.PerChannel, options.Equalize ? options.EqualizationBalance : 0);
        if (_calibrations.TryGetValue(form, out var known))
            return known;
        var graph = options.Equalize ? Equalize(options) : _prepared;
        if (_calibrations.FirstOrDefault(c => c.Value.Graph == graph).Value is { } same)
            return _calibrations[form] = same;
        return _calibrations[form] = Observe(graph, options, withChannels: NeedsAll && !options.Equalize);
    }

    private Graph Equalize(QuantizationOptions options)
    {
        if (!_calibrations.TryGetValue((false, false, 0), out var plain) || plain.Statistics[_prepared.Inputs[0]].LargestOfChannels.IsEmpty)
            _calibrations[(false, false, 0)] = plain = Observe(_prepared, options, withChannels: true);
        return CrossLayerEqualization.Run(_prepared, plain.Statistics, options.PerChannel, options.EqualizationBalance);
    }

    private Calibrator Observe(Graph graph, QuantizationOptions options, bool withChannels)
    {
        var calibrator = new Calibrator(graph, NeedsAll || options.RangeEstimator.NeedsHistogram, withChannels, options.Threads);
        calibrator.Observe(_images, _progress, _cancellation);
        return calibrator;
    }

    private static Estimators.ActivationRange PixelRange(Preprocessing preprocessing)
    {
        var ends = Enumerable.Range(0, preprocessing.Channels)
            .SelectMany(c => new[] { preprocessing.OffsetOf(c), (preprocessing.ScaleOf(c) * 255) + preprocessing.OffsetOf(c) }).ToList();
        return new Estimators.ActivationRange(ends.Min(), ends.Max());
    }
}
