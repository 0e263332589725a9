namespace Kindling.Training.Schedules;

/// <summary>
/// Holds the initial rate, then falls as <see cref="LRPolynomialDecay"/>; whenever the end rate is reached, the fall is stretched by another
/// <c>decay_steps</c> epochs, so that the rate jumps up again, less high each time (TensorFlow's PolynomialDecay with <c>cycle</c>).
/// </summary>
/// <param name="initialLr">Rate of the first epochs.</param>
/// <param name="holdSteps">Epochs at the initial rate.</param>
/// <param name="decaySteps">Epochs between two jumps.</param>
/// <param name="endLr">Rate before each jump.</param>
/// <param name="power">The power.</param>
public sealed class LRPolynomialDecayRestarts(float initialLr, int holdSteps, int decaySteps, float endLr, float power = 0.7f) : LearningRateSchedule
{
    /// <inheritdoc/>
    public override float At(int epoch)
    {
        var done = Math.Max(0, epoch - holdSteps);
        var period = Math.Max(1, decaySteps);
        var whole = (long)period * Math.Max(1, (done + period - 1) / period);
        return (float)(endLr + ((initialLr - endLr) * Math.Pow(1 - ((double)done / whole), power)));
    }
}
