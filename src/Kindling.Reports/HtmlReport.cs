using Kindling.IO;
using Kindling.Reports.Pages;
using static Kindling.Reports.Pages.Html;

namespace Kindling.Reports;

/// <summary>Writes a report as one self-contained HTML page: no scripts, no links to other files.</summary>
public static class HtmlReport
{
    /// <summary>The page.</summary>
    public static string Render(ReportModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Page(
            "Kindling report", model.Title, model.Subtitle, Sections(model),
            SummaryCards.Create(model), TrainingSection.Create(model), AccuracySection.Create(model), QuantizationSection.Create(model), MistakesSection.Create(model),
            NetworkSection.Create(model), NetworkSection.CreateMemory(model), DeviceSection.Create(model), ReproductionSection.Create(model), Footer(model.Created));
    }

    /// <summary>Writes the page to a file, whole or not at all.</summary>
    /// <exception cref="KindlingException">The file cannot be written.</exception>
    public static void Write(string path, ReportModel model) => AtomicFile.Write(path, Render(model));

    private static IEnumerable<(string Id, string Name)> Sections(ReportModel model) =>
    [
        ("training", "Training"), ("accuracy", "Accuracy"), .. QuantizationSection.Link(model), ("mistakes", "Mistakes"), ("network", "Network"),
        ("memory", "Memory plan"), ("device", "Microcontroller"), ("reproduce", "Reproduce"),
    ];
}
