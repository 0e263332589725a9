using System.Globalization;
using System.Xml.Linq;
using Kindling.Reports.Charts;
using static Kindling.Reports.Pages.Html;

namespace Kindling.Reports.Pages;

/// <summary>The methods of quantization that were tried and the one that was kept.</summary>
internal static class QuantizationSection
{
    private const string Id = "quantization";
    private const double Thousandths = 1000;

    /// <summary>The section's place in the list of sections; nothing when no method was searched for.</summary>
    public static IEnumerable<(string Id, string Name)> Link(ReportModel model) => model.Quantization is null ? [] : [(Id, "Quantization")];

    /// <summary>The section; null when no method was searched for.</summary>
    public static XElement? Create(ReportModel model) => model.Quantization is not { } comparison ? null : Section(Id, "Quantization methods tried",
        El("p", $"Compared on {Count(comparison.Photos)} training photos that calibration did not see; the float network classifies {Percent(comparison.FloatTop1)} of them rightly. "
            + "The divergence says how far int8's class probabilities are from float's (Kullback-Leibler, thousandths of a nat; less is better). It decides, because "
            + "so few photos tell top-1 apart to a point or two at best. The method in green was kept; one replaces another when it lowers the divergence by 3 %."),
        new BarChart("Divergence from float, thousandths of a nat", [.. comparison.Methods.Select(m => new Bar(m.Name, Math.Max(0, m.Divergence), Nats(m)) { Color = m.IsChosen ? Svg.Palette[2] : null })])
        {
            Width = 980,
            LongestName = 60,
        }.ToSvg(),
        Table(
            ["method", "#top-1", "#same class as float", "#divergence / 1000", "#scores signal to noise", "#seconds"],
            comparison.Methods.Select(m => (IReadOnlyList<object>)
            [
                m.IsChosen ? El("span.right", $"{m.Name} (kept)") : m.Name, Percent(m.Top1), Percent(m.Agreement), Nats(m),
                $"{m.ScoresSignalToNoise.ToString("F1", CultureInfo.InvariantCulture)}\u00a0dB", m.Seconds.ToString("F1", CultureInfo.InvariantCulture),
            ])));

    private static string Nats(ComparedMethod method) => (method.Divergence * Thousandths).ToString("F2", CultureInfo.InvariantCulture);
}
