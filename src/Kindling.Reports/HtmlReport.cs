using System.Globalization;
using System.Xml.Linq;
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
        var page = El("html", new XAttribute("lang", "en"),
            El("head",
                El("meta", new XAttribute("charset", "utf-8")),
                El("meta", new XAttribute("name", "viewport"), new XAttribute("content", "width=device-width, initial-scale=1")),
                El("title", $"{model.Title} – Kindling report"),
                El("style", Style.Css)),
            El("body",
                El("header", El("div.wide",
                    El("div.brand", "Kindling report"), El("h1", model.Title),
                    El("p.subtitle", model.Subtitle),
                    El("nav", Sections(model).Select(s => El("a", new XAttribute("href", $"#{s.Id}"), s.Name))))),
                El("main.wide",
                    SummaryCards.Create(model), TrainingSection.Create(model), AccuracySection.Create(model), QuantizationSection.Create(model), MistakesSection.Create(model),
                    NetworkSection.Create(model), NetworkSection.CreateMemory(model), DeviceSection.Create(model), ReproductionSection.Create(model),
                    El("footer", $"Made by Kindling on {model.Created.ToString("d MMMM yyyy, HH:mm", CultureInfo.InvariantCulture)}."))));
        return $"<!DOCTYPE html>\n{page.ToString(SaveOptions.DisableFormatting)}\n";
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
