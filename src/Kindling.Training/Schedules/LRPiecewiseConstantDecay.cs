namespace Kindling.Training.Schedules;

/// <summary>Constant rates, each up to an epoch.</summary>
public sealed class LRPiecewiseConstantDecay : LearningRateSchedule
{
    private readonly IReadOnlyList<int> _boundaries;
    private readonly IReadOnlyList<float> _values;

    /// <summary>Creates the schedule.</summary>
    /// <param name="boundaries">Epochs, counted from 0 and ascending, at which the next rate begins.</param>
    /// <param name="values">The rates, one more than boundaries.</param>
    /// <exception cref="KindlingException">The boundaries do not ascend, or there is another number of rates.</exception>
    public LRPiecewiseConstantDecay(IReadOnlyList<int> boundaries, IReadOnlyList<float> values)
    {
        ArgumentNullException.ThrowIfNull(boundaries);
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count != boundaries.Count + 1)
            throw new KindlingException($"LRPiecewiseConstantDecay: {boundaries.Count} boundaries need {boundaries.Count + 1} values, not {values.Count}");
        if (boundaries.Zip(boundaries.Skip(1)).Any(p => p.First >= p.Second))
            throw new KindlingException($"LRPiecewiseConstantDecay: the boundaries {string.Join(", ", boundaries)} do not ascend");
        _boundaries = boundaries;
        _values = values;
    }

    /// <inheritdoc/>
    public override float At(int epoch) => _values[_boundaries.Count(b => b <= epoch)];
}
