namespace Kindling.Training.Schedules;

/// <summary>Multiplies the rate by a factor every few epochs.</summary>
/// <param name="initialLr">Rate of the first epochs.</param>
/// <param name="stepSize">Epochs between two changes.</param>
/// <param name="decayRate">The factor.</param>
/// <param name="minLr">Smallest rate.</param>
public sealed class LRStepDecay(float initialLr, int stepSize, float decayRate, float minLr = 0) : LearningRateSchedule
{
    /// <inheritdoc/>
    public override float At(int epoch)
    {
        var changes = epoch / Math.Max(1, stepSize);
        return (float)Math.Max(initialLr * Math.Pow(decayRate, changes), minLr);
    }
}
