namespace Kindling.Reports.Metrics;

/// <summary>Counts predictions image by image. Of equal scores the lower class index wins, as TFLite's and NumPy's argmax have it.</summary>
public sealed class MetricsAccumulator
{
    private const int TopCount = 5;
    private readonly IReadOnlyList<string> _classNames;
    private readonly ConfusionMatrix _confusion;
    private long _top1;
    private long _top5;
    private long _images;

    /// <summary>Starts counting.</summary>
    /// <param name="classNames">The classes in the order of the scores.</param>
    public MetricsAccumulator(IReadOnlyList<string> classNames)
    {
        ArgumentNullException.ThrowIfNull(classNames);
        _classNames = classNames;
        _confusion = new ConfusionMatrix(classNames.Count);
    }

    /// <summary>Counts one image.</summary>
    /// <param name="scores">One score a class; higher is more likely.</param>
    /// <param name="label">The image's class.</param>
    /// <returns>The predicted class.</returns>
    /// <exception cref="ArgumentException">The scores are not one a class.</exception>
    public int Add(ReadOnlySpan<float> scores, int label)
    {
        if (scores.Length != _classNames.Count)
            throw new ArgumentException($"{scores.Length} scores for {_classNames.Count} classes", nameof(scores));
        var predicted = 0;
        var better = 0;
        for (var c = 0; c < scores.Length; c++)
        {
            if (scores[c] > scores[predicted])
                predicted = c;
            if (scores[c] > scores[label] || (scores[c] == scores[label] && c < label))
                better++;
        }

        _confusion.Add(label, predicted);
        _images++;
        _top1 += predicted == label ? 1 : 0;
        _top5 += better < TopCount ? 1 : 0;
        return predicted;
    }

    /// <summary>What was counted so far; shares of no images are 0.</summary>
    public ClassificationMetrics Result()
    {
        var images = Math.Max(1.0, _images);
        return new ClassificationMetrics(_classNames, _images, _top1 / images, _top5 / images, _confusion);
    }
}
