namespace Kindling.Training.Callbacks;

/// <summary>Lowers the learning rate when a metric has stopped improving (Keras' ReduceLROnPlateau).</summary>
/// <param name="monitor">The metric.</param>
/// <param name="factor">What the rate is multiplied by, below 1.</param>
/// <param name="patience">Epochs without improvement before it is lowered.</param>
/// <param name="minDelta">Changes up to this size are no improvement.</param>
/// <param name="cooldown">Epochs after a change in which nothing is counted.</param>
/// <param name="minLr">Smallest rate.</param>
public sealed class ReduceLROnPlateau(
    Metric monitor = Metric.ValidationLoss, float factor = 0.1f, int patience = 10, double minDelta = 1e-4, int cooldown = 0, float minLr = 0) : TrainingCallback
{
    private readonly float _factor = factor is > 0 and < 1 ? factor : throw new KindlingException($"ReduceLROnPlateau: factor {factor} is not between 0 and 1");
    private double _best = monitor.Worst();
    private int _wait;
    private int _cooldownLeft;

    /// <inheritdoc/>
    public override string Name => "ReduceLROnPlateau";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, double> State =>
        new Dictionary<string, double> { ["best"] = _best, ["wait"] = _wait, ["cooldown"] = _cooldownLeft };

    /// <inheritdoc/>
    public override void OnEpochEnd(EpochResult result, TrainingControl control)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(control);
        if (result.Of(monitor) is not { } value)
            return;
        if (_cooldownLeft > 0)
        {
            _cooldownLeft--;
            _wait = 0;
        }

        if (monitor.Improves(value, _best, minDelta))
        {
            _best = value;
            _wait = 0;
        }
        else if (_cooldownLeft == 0 && ++_wait >= patience && control.LearningRate > minLr)
        {
            control.LearningRate = Math.Max(control.LearningRate * _factor, minLr);
            _cooldownLeft = cooldown;
            _wait = 0;
        }
    }

    /// <inheritdoc/>
    public override void Restore(IReadOnlyDictionary<string, double> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        _best = state.GetValueOrDefault("best", monitor.Worst());
        _wait = (int)state.GetValueOrDefault("wait");
        _cooldownLeft = (int)state.GetValueOrDefault("cooldown");
    }
}
