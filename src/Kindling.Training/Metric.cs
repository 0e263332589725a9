namespace Kindling.Training;

/// <summary>A number callbacks can watch.</summary>
public enum Metric
{
    /// <summary>Training loss.</summary>
    Loss,

    /// <summary>Training accuracy.</summary>
    Accuracy,

    /// <summary>Validation loss.</summary>
    ValidationLoss,

    /// <summary>Validation accuracy.</summary>
    ValidationAccuracy,
}

/// <summary>Keras' names of the metrics, and which way is better.</summary>
public static class Metrics
{
    /// <summary>The metric Keras calls <c>loss</c>, <c>accuracy</c>, <c>val_loss</c> or <c>val_accuracy</c>.</summary>
    /// <exception cref="KindlingException">It is none of them.</exception>
    public static Metric Parse(string name) => name switch
    {
        "loss" => Metric.Loss,
        "accuracy" => Metric.Accuracy,
        "val_loss" => Metric.ValidationLoss,
        "val_accuracy" => Metric.ValidationAccuracy,
        _ => throw new KindlingException($"'{name}' cannot be monitored; allowed are loss, accuracy, val_loss and val_accuracy"),
    };

    /// <summary>True when larger is better.</summary>
    public static bool IsAscending(this Metric metric) => metric is Metric.Accuracy or Metric.ValidationAccuracy;

    /// <summary>The worst value: any other is better.</summary>
    internal static double Worst(this Metric metric) => metric.IsAscending() ? double.NegativeInfinity : double.PositiveInfinity;

    /// <summary>True when a value is better than the best so far by more than <paramref name="margin"/>.</summary>
    internal static bool Improves(this Metric metric, double value, double best, double margin) =>
        metric.IsAscending() ? value - margin > best : value + margin < best;
}
