using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Quantization.Estimators;

namespace Kindling.Quantization;

/// <summary>Runs a float network over calibration images, batch after batch, and keeps what is needed to choose the range of every activation.</summary>
public sealed class Calibrator
{
    private readonly Graph _graph;
    private readonly Dictionary<Value, ActivationStatistics> _statistics = [];
    private readonly Value? _scores;
    private readonly ScoreStatistics _scoreStatistics = new();
    private readonly ParallelOptions _parallel;
    private readonly int _threads;

    /// <summary>Prepares a calibration.</summary>
    /// <param name="graph">A float network with one input, run as it is written.</param>
    /// <param name="withHistograms">True counts values in bins, as percentile, entropy and mean squared error need.</param>
    /// <param name="withChannels">True keeps the largest magnitude of each channel, as equalization needs.</param>
    /// <param name="threads">Threads; 0 takes one for each processor.</param>
    /// <exception cref="KindlingException">The network has more than one input.</exception>
    public Calibrator(Graph graph, bool withHistograms = true, bool withChannels = false, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(graph);
        if (graph.Inputs.Count != 1)
            throw new KindlingException($"{graph.Name}: calibration needs a network with one input, this one has {graph.Inputs.Count}");
        _graph = graph;
        _threads = threads;
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = threads == 0 ? Environment.ProcessorCount : threads };
        _scores = graph.Outputs.Select(graph.Producer).FirstOrDefault(n => n?.Operator is Softmax)?.Inputs[0];
        foreach (var value in graph.Inputs.Concat(graph.Nodes.Select(n => n.Output)))
            _statistics[value] = new ActivationStatistics(withChannels ? value.Shape.Channels : 0, withHistograms);
    }

    /// <summary>The network that is run.</summary>
    public Graph Graph => _graph;

    /// <summary>Images seen so far.</summary>
    public int Images { get; private set; }

    /// <summary>What was seen of every activation.</summary>
    public IReadOnlyDictionary<Value, ActivationStatistics> Statistics => _statistics;

    /// <summary>Runs batches through the network.</summary>
    /// <param name="batches">Preprocessed images, <c>[k, H, W, C]</c> floats each, k at least 1 and free to change.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="KindlingException">A batch is no whole number of images.</exception>
    public void Observe(
        IEnumerable<ReadOnlyMemory<float>> batches, IProgress<QuantizationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(batches);
        using var run = new BatchRunner(_graph, _threads);
        foreach (var batch in batches)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var count in run.Run(batch, BatchRunner.CopyFloats))
            {
                // Activations are independent of each other; each sees its images in their order.
                Parallel.ForEach(_statistics, _parallel, pair =>
                {
                    var values = run.Floats(pair.Key, count);
                    var elements = values.Length / count;
                    for (var i = 0; i < count; i++)
                        pair.Value.Observe(values.Slice(i * elements, elements));
                });
                for (var i = 0; _scores is not null && i < count; i++)
                    _scoreStatistics.Observe(run.Floats(_scores, count).Slice(i * _scores.Shape.ElementCount, _scores.Shape.ElementCount));
                Images += count;
            }

            progress?.Report(new QuantizationProgress("calibrating", 0, Images));
        }
    }

    /// <summary>The class scores before the closing softmax and the range that decides answers; null without a softmax.</summary>
    internal (Value Scores, ActivationRange Range)? DecidingScores =>
        _scores is null || Images == 0 ? null : (_scores, _scoreStatistics.Within(_statistics[_scores].Range));

    /// <summary>The range of every activation.</summary>
    /// <param name="estimator">How to choose it.</param>
    /// <exception cref="KindlingException">No image was seen, or an activation was not a finite number.</exception>
    public IReadOnlyDictionary<Value, ActivationRange> Ranges(IRangeEstimator estimator)
    {
        ArgumentNullException.ThrowIfNull(estimator);
        if (Images == 0)
            throw new KindlingException($"{_graph.Name}: calibration saw no image; at least one is needed");
        foreach (var (value, seen) in _statistics)
        {
            if (!float.IsFinite(seen.Range.Min) || !float.IsFinite(seen.Range.Max))
                throw new KindlingException($"{value.Name}: calibration found values from {seen.Range.Min} to {seen.Range.Max}; the float network does not work");
        }

        var ranges = _statistics.ToDictionary(s => s.Key, _ => default(ActivationRange));
        var values = _statistics.Keys.ToArray();
        var found = new ActivationRange[values.Length];
        Parallel.For(0, values.Length, _parallel, i => found[i] = estimator.Estimate(_statistics[values[i]]));
        for (var i = 0; i < values.Length; i++)
            ranges[values[i]] = found[i];
        return ranges;
    }
}
