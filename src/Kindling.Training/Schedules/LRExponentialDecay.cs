namespace Kindling.Training.Schedules;

/// <summary>Holds the initial rate, then multiplies it by exp(-decay rate) each epoch.</summary>
/// <param name="initialLr">Rate of the first epochs.</param>
/// <param name="holdSteps">Epochs at the initial rate.</param>
/// <param name="decayRate">The larger, the faster the rate falls.</param>
/// <param name="minLr">Smallest rate.</param>
public sealed class LRExponentialDecay(float initialLr, int holdSteps, float decayRate, float minLr = 0) : LearningRateSchedule
{
    /// <inheritdoc/>
    public override float At(int epoch)
    {
        var rate = initialLr * Math.Exp(-decayRate * (double)Math.Max(0, epoch - holdSteps));
        return (float)Math.Max(rate, minLr);
    }
}
