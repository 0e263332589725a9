namespace Kindling.Training.Schedules;

/// <summary>Rises in a straight line to the largest rate, holds it, then falls to the end rate along half a cosine.</summary>
/// <param name="initialLr">Rate of the first epoch.</param>
/// <param name="warmupSteps">Epochs of the rise.</param>
/// <param name="maxLr">Largest rate.</param>
/// <param name="holdSteps">Epochs at the largest rate.</param>
/// <param name="decaySteps">Epochs of the fall.</param>
/// <param name="endLr">Rate of the last epochs.</param>
public sealed class LRWarmupCosineDecay(float initialLr, int warmupSteps, float maxLr, int holdSteps, int decaySteps, float endLr = 0) : LearningRateSchedule
{
    /// <inheritdoc/>
    public override float At(int epoch)
    {
        if (epoch < warmupSteps)
            return (float)(initialLr + ((maxLr - initialLr) * ((double)epoch / warmupSteps)));
        return new LRCosineDecay(maxLr, holdSteps, decaySteps, endLr).At(epoch - warmupSteps);
    }
}
