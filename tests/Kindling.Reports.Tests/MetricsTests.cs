using Kindling.Reports.Metrics;

namespace Kindling.Reports.Tests;

public sealed class MetricsTests
{
    [Fact]
    public void Accuracy_precision_recall_and_F1_equal_hand_computed_values()
    {
        // Actual:    a a a a b b b c      Predicted: a a a b b b c c
        var metrics = Count(["a", "b", "c"], [(0, 0), (0, 0), (0, 0), (0, 1), (1, 1), (1, 1), (1, 2), (2, 2)]);

        Assert.Equal(8, metrics.Images);
        Assert.Equal(6 / 8.0, metrics.Top1);
        Assert.Equal([[3L, 1, 0], [0, 2, 1], [0, 0, 1]], metrics.Confusion.ToRows());
        Assert.Equal(new ClassMetrics("a", 4, 1, 0.75, 2 * 0.75 / 1.75), metrics.Classes[0]);
        Assert.Equal(2 / 3.0, metrics.Classes[1].Precision, 12);
        Assert.Equal(2 / 3.0, metrics.Classes[1].F1, 12);
        Assert.Equal(0.5, metrics.Classes[2].Precision);
        Assert.Equal(1.0, metrics.Classes[2].Recall);
        Assert.Equal((1.5 / 1.75 + (2 / 3.0) + (2 / 3.0)) / 3, metrics.MacroF1, 12);
    }

    [Fact]
    public void Top5_counts_the_five_highest_scores()
    {
        var accumulator = new MetricsAccumulator(["a", "b", "c", "d", "e", "f"]);
        float[] scores = [0.9f, 0.8f, 0.7f, 0.6f, 0.5f, 0.4f];
        Assert.Equal(0, accumulator.Add(scores, 4));
        Assert.Equal(0, accumulator.Add(scores, 5));

        Assert.Equal(0.0, accumulator.Result().Top1);
        Assert.Equal(0.5, accumulator.Result().Top5);
    }

    [Fact]
    public void Of_equal_scores_the_lower_class_wins()
    {
        var accumulator = new MetricsAccumulator(["a", "b", "c", "d", "e", "f"]);
        float[] equal = [1, 1, 1, 1, 1, 1];
        Assert.Equal(0, accumulator.Add(equal, 5));
        Assert.Equal(0, accumulator.Add(equal, 0));

        Assert.Equal(0.5, accumulator.Result().Top1);
        Assert.Equal(0.5, accumulator.Result().Top5);
    }

    [Fact]
    public void A_class_never_predicted_has_precision_zero_rather_than_no_number()
    {
        var metrics = Count(["a", "b"], [(0, 0), (1, 0)]);

        Assert.Equal(new ClassMetrics("b", 1, 0, 0, 0), metrics.Classes[1]);
    }

    [Fact]
    public void Scores_for_another_number_of_classes_are_refused() =>
        Assert.Throws<ArgumentException>(() => new MetricsAccumulator(["a", "b"]).Add([1f, 2f, 3f], 0));

    internal static ClassificationMetrics Count(IReadOnlyList<string> names, IEnumerable<(int Actual, int Predicted)> images)
    {
        var accumulator = new MetricsAccumulator(names);
        foreach (var (actual, predicted) in images)
        {
            var scores = new float[names.Count];
            scores[predicted] = 1;
            accumulator.Add(scores, actual);
        }

        return accumulator.Result();
    }
}
