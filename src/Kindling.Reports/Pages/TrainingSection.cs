using System.Globalization;
using System.Xml.Linq;
using Kindling.Reports.Charts;
using static Kindling.Reports.Pages.Html;

namespace Kindling.Reports.Pages;

/// <summary>Loss, accuracy and learning rate by epoch.</summary>
internal static class TrainingSection
{
    public static XElement Create(ReportModel model)
    {
        if (model.Training.Content is not { Epochs.Count: > 0 } history)
            return Section("training", "Training", Missing(model.Training.Reason ?? "No epoch was completed."));
        var epochs = history.Epochs;
        (double, string)? mark = epochs.Any(e => e.Epoch == history.BestEpoch) ? (history.BestEpoch, $"kept: epoch {history.BestEpoch}") : null;
        var best = epochs.FirstOrDefault(e => e.Epoch == history.BestEpoch);
        var time = TimeSpan.FromSeconds(history.Seconds);
        return Section("training", "Training",
            El("p", $"{epochs.Count} epochs in {(time.TotalHours >= 1 ? $"{(int)time.TotalHours} h {time.Minutes} min" : time.TotalMinutes >= 1 ? $"{time.Minutes} min {time.Seconds} s" : $"{time.TotalSeconds.ToString("F1", CultureInfo.InvariantCulture)} s")}, "
                + $"{Count((long)epochs.Average(e => e.ImagesPerSecond))} photos a second on average."
                + (best is null || double.IsNaN(best.ValidationAccuracy) ? "" : $" The weights of epoch {best.Epoch} were kept: {Percent(best.ValidationAccuracy)} on validation.")
                + " Training photos are augmented, so their figures can be worse than those of validation."),
            El("div.pair",
                new LineChart("Accuracy", "epoch", [Line("training", e => e.Accuracy), Line("validation", e => e.ValidationAccuracy)]) { IsShare = true, Mark = mark }.ToSvg(),
                new LineChart("Loss", "epoch", [Line("training", e => e.Loss), Line("validation", e => e.ValidationLoss)]) { Mark = mark }.ToSvg(),
                new LineChart("Learning rate", "epoch", [Line("learning rate", e => e.LearningRate)]) { Height = 210 }.ToSvg(),
                new LineChart("Photos a second", "epoch", [Line("photos a second", e => e.ImagesPerSecond)]) { Height = 210 }.ToSvg()));

        Series Line(string name, Func<EpochRecord, double> value) => new(name, [.. epochs.Select(e => ((double)e.Epoch, value(e)))]);
    }
}
