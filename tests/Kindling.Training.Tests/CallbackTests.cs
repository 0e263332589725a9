using Kindling.Training.Callbacks;
using Kindling.Training.Optimizers;

namespace Kindling.Training.Tests;

public sealed class CallbackTests
{
    [Fact]
    public void ReduceLROnPlateau_lowers_the_rate_after_patience_and_not_below_the_minimum()
    {
        var callback = new ReduceLROnPlateau(Metric.ValidationLoss, 0.1f, patience: 2, minLr: 0.005f);
        Assert.Equal([0.1f, 0.1f, 0.1f, 0.1f * 0.1f, 0.1f * 0.1f, 0.005f], Rates(callback, 0.1f, [1, 0.5, 0.5, 0.6, 0.5, 0.5]));
    }

    [Fact]
    public void ReduceLROnPlateau_counts_nothing_while_it_cools_down() =>
        Assert.Equal([1, 0.5f, 0.5f, 0.5f, 0.25f], Rates(new ReduceLROnPlateau(Metric.Loss, 0.5f, patience: 1, cooldown: 3), 1, [1, 1, 1, 1, 1]));

    [Fact]
    public void EarlyStopping_stops_after_patience_without_improvement()
    {
        var callback = new EarlyStopping(Metric.ValidationAccuracy, patience: 2);
        var control = new TrainingControl(new Adam());
        var stopped = new List<int>();
        var accuracies = new[] { 0.1, 0.3, 0.2, 0.4, 0.4, 0.3 };
        for (var e = 1; e <= accuracies.Length; e++)
        {
            callback.OnEpochEnd(new EpochResult(e, 0.1f, 1, 0, 1, accuracies[e - 1], 1, 1), control);
            if (control.StopReason is not null)
                stopped.Add(e);
        }

        Assert.Equal([6], stopped);
    }

    [Fact]
    public void Restored_callback_goes_on_where_it_was()
    {
        var first = new ReduceLROnPlateau(Metric.Loss, 0.5f, patience: 3);
        Rates(first, 1, [1, 1]);
        var second = new ReduceLROnPlateau(Metric.Loss, 0.5f, patience: 3);
        second.Restore(first.State);
        Assert.Equal([1, 0.5f], Rates(second, 1, [1, 1]));
    }

    [Fact]
    public void Metric_is_named_as_in_keras()
    {
        Assert.Equal(Metric.ValidationAccuracy, Metrics.Parse("val_accuracy"));
        var error = Assert.Throws<KindlingException>(() => Metrics.Parse("val_acc"));
        Assert.Contains("val_accuracy", error.Message, StringComparison.Ordinal);
    }

    private static List<float> Rates(ReduceLROnPlateau callback, float rate, double[] losses)
    {
        var optimizer = new Adam { LearningRate = rate };
        var control = new TrainingControl(optimizer);
        var rates = new List<float>();
        for (var e = 0; e < losses.Length; e++)
        {
            callback.OnEpochEnd(new EpochResult(e + 1, optimizer.LearningRate, losses[e], 0, losses[e], 0, 1, 1), control);
            rates.Add(optimizer.LearningRate);
        }

        return rates;
    }
}
