namespace Kindling.Training.Schedules;

/// <summary>
/// Falls to the end rate along half a cosine, again and again (Loshchilov and Hutter 2017): each period is <c>t_mul</c> times as long as the one
/// before it and begins at <c>m_mul</c> times its rate.
/// </summary>
/// <param name="initialLr">Rate at the beginning of the first period.</param>
/// <param name="firstDecaySteps">Epochs of the first period.</param>
/// <param name="endLr">Rate the periods fall towards.</param>
/// <param name="tMul">Factor of the periods' lengths, at least 1.</param>
/// <param name="mMul">Factor of the periods' first rates, at most 1.</param>
public sealed class LRCosineDecayRestarts(float initialLr, int firstDecaySteps, float endLr, float tMul = 2, float mMul = 1) : LearningRateSchedule
{
    private readonly float _tMul = tMul >= 1 ? tMul : throw new KindlingException($"LRCosineDecayRestarts: t_mul {tMul} is below 1");

    /// <inheritdoc/>
    public override float At(int epoch)
    {
        double start = 0, length = Math.Max(1, firstDecaySteps), height = 1;
        while (epoch >= start + length)
        {
            start += length;
            length *= _tMul;
            height *= mMul;
        }

        var share = (epoch - start) / length;
        return (float)(endLr + ((initialLr - endLr) * height * 0.5 * (1 + Math.Cos(Math.PI * share))));
    }
}
