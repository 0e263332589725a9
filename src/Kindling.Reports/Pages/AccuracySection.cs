using System.Xml.Linq;
using Kindling.Reports.Charts;
using Kindling.Reports.Metrics;
using static Kindling.Reports.Pages.Html;

namespace Kindling.Reports.Pages;

/// <summary>Confusion matrices and the classes one by one.</summary>
internal static class AccuracySection
{
    public static XElement Create(ReportModel model)
    {
        var floating = model.FloatAccuracy;
        var quantized = model.Int8Accuracy;
        var classes = quantized.Content ?? floating.Content;
        return Section("accuracy", "Accuracy",
            El("p", $"Measured on {model.EvaluatedOn}. Each row of a matrix holds the photos of one class; what lies off the diagonal is mistaken."),
            El("div.pair", Matrix("Float", floating), Matrix("Int8", quantized)),
            classes is null ? null : El("h3", $"Class by class ({(quantized.Content is null ? "float" : "int8")})"),
            classes is null ? null : ClassTable(classes, quantized.Content is null ? null : floating.Content));
    }

    private static XElement Matrix(string name, ReportPart<ClassificationMetrics> part) =>
        part.Content is not { } metrics
            ? Missing(part.Reason!)
            : El("div",
                new ConfusionMatrixChart(
                    $"{name}: {Percent(metrics.Top1)} top-1{(metrics.ClassNames.Count > 5 ? $", {Percent(metrics.Top5)} top-5" : "")}", metrics.ClassNames, metrics.Confusion).ToSvg());

    private static XElement ClassTable(ClassificationMetrics metrics, ClassificationMetrics? floating)
    {
        var headings = new List<string> { "class", "#photos", "#precision", "#recall", "#F1" };
        if (floating is not null)
            headings.Add("#F1 of float");
        var before = floating?.Classes;
        var rows = metrics.Classes.Select((c, i) => (IReadOnlyList<object>)
        [
            c.Name, Count(c.Images), Percent(c.Precision, 1), Percent(c.Recall, 1), Percent(c.F1, 1),
            .. before is null ? Array.Empty<object>() : [Percent(before[i].F1, 1)],
        ]);
        return Table(headings, rows);
    }
}
