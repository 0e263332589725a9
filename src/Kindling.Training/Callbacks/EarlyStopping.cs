namespace Kindling.Training.Callbacks;

/// <summary>Stops when a metric has not improved for some epochs (Keras' EarlyStopping).</summary>
/// <param name="monitor">The metric.</param>
/// <param name="patience">Epochs without improvement before it stops.</param>
/// <param name="minDelta">Changes up to this size are no improvement.</param>
public sealed class EarlyStopping(Metric monitor = Metric.ValidationLoss, int patience = 0, double minDelta = 0) : TrainingCallback
{
    private double _best = monitor.Worst();
    private int _wait;

    /// <inheritdoc/>
    public override string Name => "EarlyStopping";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, double> State => new Dictionary<string, double> { ["best"] = _best, ["wait"] = _wait };

    /// <inheritdoc/>
    public override void OnEpochEnd(EpochResult result, TrainingControl control)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(control);
        if (result.Of(monitor) is not { } value)
            return;
        _wait++;
        if (monitor.Improves(value, _best, Math.Abs(minDelta)))
        {
            _best = value;
            _wait = 0;
        }
        else if (_wait >= patience && result.Epoch > 1)
        {
            control.Stop($"no improvement for {_wait} epochs");
        }
    }

    /// <inheritdoc/>
    public override void Restore(IReadOnlyDictionary<string, double> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        _best = state.GetValueOrDefault("best", monitor.Worst());
        _wait = (int)state.GetValueOrDefault("wait");
    }
}
