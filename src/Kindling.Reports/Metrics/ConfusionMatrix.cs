namespace Kindling.Reports.Metrics;

/// <summary>How often images of each class were taken for each class.</summary>
public sealed class ConfusionMatrix
{
    private readonly long[] _counts;

    /// <summary>Creates a matrix of zeros.</summary>
    /// <param name="classes">Number of classes, at least 1.</param>
    public ConfusionMatrix(int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        Classes = classes;
        _counts = new long[checked(classes * classes)];
    }

    /// <summary>Number of classes.</summary>
    public int Classes { get; }

    /// <summary>Images of class <paramref name="actual"/> that were predicted as <paramref name="predicted"/>.</summary>
    public long this[int actual, int predicted] => _counts[Index(actual, predicted)];

    /// <summary>Images counted.</summary>
    public long Total => _counts.Sum();

    /// <summary>Images whose prediction was right: the diagonal.</summary>
    public long Correct => Enumerable.Range(0, Classes).Sum(c => this[c, c]);

    /// <summary>Counts one image.</summary>
    public void Add(int actual, int predicted) => _counts[Index(actual, predicted)]++;

    /// <summary>Images of a class.</summary>
    public long Actual(int c) => Enumerable.Range(0, Classes).Sum(p => this[c, p]);

    /// <summary>Images predicted as a class.</summary>
    public long Predicted(int c) => Enumerable.Range(0, Classes).Sum(a => this[a, c]);

    /// <summary>The rows: one a class, images of it by predicted class.</summary>
    public long[][] ToRows() => [.. Enumerable.Range(0, Classes).Select(a => _counts[(a * Classes)..((a + 1) * Classes)])];

    private int Index(int actual, int predicted)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)actual, (uint)Classes, nameof(actual));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)predicted, (uint)Classes, nameof(predicted));
        return (actual * Classes) + predicted;
    }
}
