namespace Kindling.Training.Schedules;

/// <summary>Holds the initial rate, then falls to the end rate along half a cosine (Loshchilov and Hutter 2017).</summary>
/// <param name="initialLr">Rate of the first epochs.</param>
/// <param name="holdSteps">Epochs at the initial rate.</param>
/// <param name="decaySteps">Epochs of the fall.</param>
/// <param name="endLr">Rate of the last epochs.</param>
public sealed class LRCosineDecay(float initialLr, int holdSteps, int decaySteps, float endLr = 0) : LearningRateSchedule
{
    /// <inheritdoc/>
    public override float At(int epoch)
    {
        var share = Math.Clamp((double)(epoch - holdSteps) / Math.Max(1, decaySteps), 0, 1);
        return (float)(endLr + ((initialLr - endLr) * 0.5 * (1 + Math.Cos(Math.PI * share))));
    }
}
