namespace Kindling.Quantization.Estimators;

/// <summary>
/// The part of the class scores' range that decides answers. Their softmax is stored in steps of 1/256, so of two scores more than
/// 7 apart (a probability below 1/1000) only the larger one shows. What lies that far above every second-best score or below every
/// best score may saturate, and the steps become finer where two classes are close: with the whole range of confident answers
/// in 8 bits, close classes often tie.
/// </summary>
internal sealed class ScoreStatistics
{
    private const float Margin = 7;
    private float _leastBest = float.PositiveInfinity;
    private float _mostSecond = float.NegativeInfinity;

    /// <summary>The range that decides, within a range seen.</summary>
    public ActivationRange Within(ActivationRange seen) =>
        new(MathF.Max(seen.Min, _leastBest - Margin), MathF.Min(seen.Max, _mostSecond + Margin));

    /// <summary>Takes in the scores of one image.</summary>
    public void Observe(ReadOnlySpan<float> scores)
    {
        var (best, second) = (float.NegativeInfinity, float.NegativeInfinity);
        foreach (var score in scores)
        {
            if (score > best)
                (best, second) = (score, best);
            else if (score > second)
                second = score;
        }

        _leastBest = MathF.Min(_leastBest, best);
        _mostSecond = MathF.Max(_mostSecond, second);
    }
}
