namespace Kindling.Training.Schedules;

/// <summary>The same rate in every epoch.</summary>
/// <param name="lr">The rate.</param>
public sealed class ConstantLR(float lr) : LearningRateSchedule
{
    /// <inheritdoc/>
    public override float At(int epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        return lr;
    }
}
