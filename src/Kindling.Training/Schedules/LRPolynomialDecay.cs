namespace Kindling.Training.Schedules;

/// <summary>Holds the initial rate, then falls to the end rate along a power of the epochs left: a straight line for power 1, late and steep below.</summary>
/// <param name="initialLr">Rate of the first epochs.</param>
/// <param name="holdSteps">Epochs at the initial rate.</param>
/// <param name="decaySteps">Epochs of the fall.</param>
/// <param name="endLr">Rate of the last epochs.</param>
/// <param name="power">The power.</param>
public sealed class LRPolynomialDecay(float initialLr, int holdSteps, int decaySteps, float endLr, float power = 0.5f) : LearningRateSchedule
{
    /// <inheritdoc/>
    public override float At(int epoch)
    {
        var share = Math.Clamp((double)(epoch - holdSteps) / Math.Max(1, decaySteps), 0, 1);
        return (float)(endLr + ((initialLr - endLr) * Math.Pow(1 - share, power)));
    }
}
