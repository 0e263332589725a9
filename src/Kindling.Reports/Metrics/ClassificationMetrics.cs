namespace Kindling.Reports.Metrics;

/// <summary>What an evaluation found.</summary>
/// <param name="ClassNames">The classes in the order of the outputs.</param>
/// <param name="Images">Images evaluated.</param>
/// <param name="Top1">Share whose class has the highest score, from 0 to 1.</param>
/// <param name="Top5">Share whose class is among the five highest scores; 1 when there are five classes or fewer.</param>
/// <param name="Confusion">Predictions by class.</param>
public sealed record ClassificationMetrics(IReadOnlyList<string> ClassNames, long Images, double Top1, double Top5, ConfusionMatrix Confusion)
{
    /// <summary>Precision, recall and F1 of each class.</summary>
    public IReadOnlyList<ClassMetrics> Classes => [.. ClassNames.Select((name, c) =>
    {
        var hits = (double)Confusion[c, c];
        var precision = Ratio(hits, Confusion.Predicted(c));
        var recall = Ratio(hits, Confusion.Actual(c));
        return new ClassMetrics(name, Confusion.Actual(c), precision, recall, Ratio(2 * precision * recall, precision + recall));
    })];

    /// <summary>Mean of the classes' F1, each class counting the same.</summary>
    public double MacroF1 => Classes.Average(c => c.F1);

    private static double Ratio(double part, double whole) => whole > 0 ? part / whole : 0;
}
