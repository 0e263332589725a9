using Kindling.Graphs;

namespace Kindling.Quantization;

/// <summary>Runs a float network over calibration images, batch after batch, and estimates the range of every activation.</summary>
public sealed class Calibrator
{
    private readonly Graph _graph;
    private readonly Dictionary<Value, IRangeEstimator> _estimators = [];
    private readonly int _threads;

    /// <summary>Prepares a calibration.</summary>
    /// <param name="graph">A float network with one input, run as it is written.</param>
    /// <param name="estimator">Makes the estimator of one activation.</param>
    /// <param name="threads">Threads; 0 takes one for each processor.</param>
    /// <exception cref="KindlingException">The network has more than one input.</exception>
    public Calibrator(Graph graph, Func<IRangeEstimator> estimator, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(estimator);
        if (graph.Inputs.Count != 1)
            throw new KindlingException($"{graph.Name}: calibration needs a network with one input, this one has {graph.Inputs.Count}");
        _graph = graph;
        _threads = threads;
        foreach (var value in graph.Inputs.Concat(graph.Nodes.Select(n => n.Output)))
            _estimators[value] = estimator();
    }

    /// <summary>Images seen so far.</summary>
    public int Images { get; private set; }

    /// <summary>Runs batches through the network.</summary>
    /// <param name="batches">Preprocessed images, <c>[k, H, W, C]</c> floats each, k at least 1 and free to change.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="KindlingException">A batch is no whole number of images, or an activation is not a finite number.</exception>
    public void Observe(
        IEnumerable<ReadOnlyMemory<float>> batches, IProgress<CalibrationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(batches);
        using var run = new BatchRunner(_graph, _threads);
        foreach (var batch in batches)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var count in run.Run(batch, BatchRunner.CopyFloats))
            {
                foreach (var (value, estimator) in _estimators)
                    estimator.Observe(run.Floats(value, count));
                Images += count;
            }

            progress?.Report(new CalibrationProgress(Images));
        }
    }

    /// <summary>The range of every activation.</summary>
    /// <exception cref="KindlingException">No image was seen, or an activation was not a finite number.</exception>
    public IReadOnlyDictionary<Value, ActivationRange> Ranges()
    {
        if (Images == 0)
            throw new KindlingException($"{_graph.Name}: calibration saw no image; at least one is needed");
        return _estimators.ToDictionary(e => e.Key, e => Finite(e.Key, e.Value.Range));
    }

    private static ActivationRange Finite(Value value, ActivationRange range) => float.IsFinite(range.Min) && float.IsFinite(range.Max)
        ? range
        : throw new KindlingException($"{value.Name}: calibration found values from {range.Min} to {range.Max}; the float network does not work");
}
