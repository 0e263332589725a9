using System.Globalization;
using System.Xml.Linq;
using Kindling.IO;
using Kindling.Reports.Charts;
using static Kindling.Reports.Pages.Html;

namespace Kindling.Reports;

/// <summary>Writes what <c>kindling verify</c> found as one self-contained HTML page.</summary>
public static class VerificationPage
{
    private const double Worrying = 6;
    private const double Noticeable = 3;
    private const double MostShown = 60;

    // Differences of the floats themselves.
    private const double Exact = 100;
    private const int LongestName = 44;
    private const string Bad = "#c93e2b";
    private const string Fair = "#e07b00";

    private static readonly (string Id, string Name)[] Sections = [("layers", "Layers"), ("photos", "Worst photos"), ("table", "All figures"), ("reproduce", "Reproduce")];

    /// <summary>The page.</summary>
    public static string Render(VerificationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return Page(
            "Kindling verification", report.Title, report.Subtitle, Sections,
            Cards(report), Layers(report), Photos(report), Figures(report), Reproduce(report), Footer(report.Created));
    }

    /// <summary>Writes the page to a file, whole or not at all.</summary>
    /// <exception cref="KindlingException">The file cannot be written.</exception>
    public static void Write(string path, VerificationReport report) => AtomicFile.Write(path, Render(report));

    private static XElement Cards(VerificationReport report)
    {
        var identical = report.Identical.Content;
        var last = report.Layers.Count > 0 ? report.Layers[^1] : null;
        var hurting = report.Layers.Where(l => l != SaturatedScores(report)).MaxBy(l => l.Loss);
        return El("div.cards",
            Card("Host int8 = C", identical is null ? "–" : $"{identical.Equal} of {identical.Compared}",
                identical is null ? "the C was not run" : "outputs identical to the bit", identical is null ? "none" : identical.Equal == identical.Compared ? "good" : "bad"),
            Card("Float and int8 agree", Percent((double)report.Agreeing / report.Images, 1), $"on the class of {report.Agreeing} of {report.Images} photos"),
            Card("At the output", last is null ? "–" : Decibel(last.SignalToNoise), "signal to noise of the last layer"),
            Card("Layer that hurts most", hurting is null ? "–" : $"−{Decibel(hurting.Loss)}", hurting is null ? "" : Tail(hurting.Name, 26)));
    }

    private static XElement Layers(VerificationReport report) => Section("layers", "Signal to noise, layer by layer",
        El("p", $"The longer a bar, the closer int8 is to float. Red: {Worrying:0} dB or more below the layers it reads, so this is where precision is lost; orange: {Noticeable:0} dB or more. "
            + "Noise adds up along the network, so a slow fall is normal, and a red bar with a long one below it was made good at once (by a clip, for one). 20 dB is an error of a tenth of the signal."),
        El("p", report.FloatSource),
        report.Layers.Count(l => l.IsRescaled) is not (> 0 and var rescaled) ? null : El("p",
            $"{rescaled} of the layers hold their channels in other units in int8 than in float, as equalization leaves them; they are compared in int8's units, and the answers are not touched."),
        SaturatedScores(report) is not null
            ? El("p", "Scores before the softmax may saturate where the answer is certain; kindling quantize does so on purpose. A low bar there is no harm as long as the softmax's is long.") : null,
        new BarChart("dB", [.. report.Layers.Select(l => new Bar(
            $"{Tail(l.Name, LongestName - l.Operator.Length - 2)}  {l.Operator}", Math.Clamp(l.SignalToNoise, 0, MostShown), Decibel(l.SignalToNoise) + (l.Loss >= Noticeable ? $"  (−{Decibel(l.Loss)})" : ""))
        {
            Color = l == SaturatedScores(report) ? null : l.Loss >= Worrying ? Bad : l.Loss >= Noticeable ? Fair : null,
        })])
        { Width = 980, LongestName = LongestName }.ToSvg());

    // Scores that saturate before a softmax lose what the softmax would not show.
    private static VerifiedLayer? SaturatedScores(VerificationReport report) =>
        report.Layers is [.., { SaturatedShare: > 0 } scores, { Operator: "SOFTMAX" } softmax] && softmax.SignalToNoise > scores.SignalToNoise ? scores : null;

    private static XElement Photos(VerificationReport report) => Section("photos", "Photos that differ most",
        report.WorstPhotos.Count == 0
            ? El("p", "Float and int8 give every photo the same scores.")
            : El("div.photos", report.WorstPhotos.Select(p => El("figure",
                new XElement("img", new XAttribute("alt", p.Name), new XAttribute("src", $"data:image/png;base64,{Convert.ToBase64String(p.Png.Span)}")),
                El("figcaption",
                    $"float {p.FloatClass} {Percent(p.FloatScore, 0)}, int8 ", El(p.Int8Class == p.FloatClass ? "span.right" : "span.wrong", p.Int8Class), $" {Percent(p.Int8Score, 0)}",
                    El("div.small", $"a score differs by {p.Difference.ToString("F3", CultureInfo.InvariantCulture)}"), El("div.small", p.Name))))));

    private static XElement Figures(VerificationReport report) => Section("table", "All figures",
        Table(
            ["layer", "operator", "#signal to noise", "#lost here", "#largest difference", "#saturated", "worst photo"],
            report.Layers.Select(l => (IReadOnlyList<object>)
            [
                Tail(l.Name, LongestName), l.Operator, Decibel(l.SignalToNoise), Decibel(l.Loss), l.MaxDifference.ToString("G3", CultureInfo.InvariantCulture),
                Percent(l.SaturatedShare, 3), l.WorstPhoto,
            ])));

    private static XElement Reproduce(VerificationReport report) => Section("reproduce", "How to reproduce",
        report.Identical.Reason is { } reason ? Missing(reason) : null,
        El("pre", report.Reproduction.Command),
        El("table.facts", El("tbody", report.Reproduction.Facts.Select(f => El("tr", El("th", f.Key), El("td", f.Value))))));

    private static XElement Card(string name, string value, string note, string kind = "") =>
        El(kind.Length == 0 ? "div.card" : $"div.card.{kind}", El("div.name", name), El("div.value", value), El("div.note", note));

    private static string Decibel(double value) => value >= Exact ? "exact" : $"{value.ToString("F1", CultureInfo.InvariantCulture)}\u00a0dB";

    // Converters join the names of all layers they fused; the end says most.
    private static string Tail(string name, int most) => name.Length <= most ? name : $"…{name[^(most - 1)..]}";
}
