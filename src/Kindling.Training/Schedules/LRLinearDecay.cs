namespace Kindling.Training.Schedules;

/// <summary>Holds the initial rate, then falls in a straight line to the end rate and stays there.</summary>
/// <param name="initialLr">Rate of the first epochs.</param>
/// <param name="holdSteps">Epochs at the initial rate.</param>
/// <param name="decaySteps">Epochs of the fall.</param>
/// <param name="endLr">Rate of the last epochs.</param>
public sealed class LRLinearDecay(float initialLr, int holdSteps, int decaySteps, float endLr) : LearningRateSchedule
{
    /// <inheritdoc/>
    public override float At(int epoch)
    {
        var share = Math.Clamp((double)(epoch - holdSteps) / Math.Max(1, decaySteps), 0, 1);
        return (float)(initialLr + ((endLr - initialLr) * share));
    }
}
