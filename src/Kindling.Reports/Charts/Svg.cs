using System.Globalization;
using System.Xml.Linq;

namespace Kindling.Reports.Charts;

/// <summary>Short forms for the elements of an SVG drawing. Lengths are CSS pixels.</summary>
internal static class Svg
{
    public static readonly XNamespace Namespace = "http://www.w3.org/2000/svg";

    public const string Ink = "#1f2933";
    public const string Muted = "#697586";
    public const string Grid = "#e4e7eb";
    public const string Font = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', sans-serif";

    /// <summary>Colours of series, told apart by people with colour blindness too (after Okabe and Ito 2008).</summary>
    public static readonly IReadOnlyList<string> Palette = ["#0b6bcb", "#e07b00", "#1a8f5a", "#b83b8f", "#6c5ce7", "#8a6d3b"];

    public static XElement Drawing(double width, double height, string label, params object?[] content) => new(
        Namespace + "svg", new XAttribute("viewBox", $"0 0 {N(width)} {N(height)}"), new XAttribute("width", N(width)), new XAttribute("height", N(height)),
        new XAttribute("role", "img"), new XAttribute("aria-label", label), new XAttribute("font-family", Font), new XAttribute("font-size", "12"), content);

    public static XElement Line(double x1, double y1, double x2, double y2, string color, double width = 1) => new(
        Namespace + "line", new XAttribute("x1", N(x1)), new XAttribute("y1", N(y1)), new XAttribute("x2", N(x2)), new XAttribute("y2", N(y2)),
        new XAttribute("stroke", color), new XAttribute("stroke-width", N(width)));

    public static XElement Rectangle(double x, double y, double width, double height, string fill, string? tip = null, string? stroke = null, double radius = 0, double opacity = 1) => new(
        Namespace + "rect", new XAttribute("x", N(x)), new XAttribute("y", N(y)), new XAttribute("width", N(Math.Max(0, width))), new XAttribute("height", N(Math.Max(0, height))),
        new XAttribute("fill", fill), stroke is null ? null : new XAttribute("stroke", stroke), radius > 0 ? new XAttribute("rx", N(radius)) : null,
        opacity < 1 ? new XAttribute("fill-opacity", N(opacity)) : null, Tip(tip));

    public static XElement Text(double x, double y, string text, string anchor = "start", string color = Ink, double size = 12, bool isBold = false, double rotate = 0) => new(
        Namespace + "text", new XAttribute("x", N(x)), new XAttribute("y", N(y)), new XAttribute("text-anchor", anchor), new XAttribute("fill", color),
        new XAttribute("font-size", N(size)), isBold ? new XAttribute("font-weight", "600") : null,
        rotate == 0 ? null : new XAttribute("transform", $"rotate({N(rotate)} {N(x)} {N(y)})"), text);

    public static XElement Polyline(IEnumerable<(double X, double Y)> points, string color, double width = 2, string? dashes = null) => new(
        Namespace + "polyline", new XAttribute("points", string.Join(' ', points.Select(p => $"{N(p.X)},{N(p.Y)}"))), new XAttribute("fill", "none"),
        new XAttribute("stroke", color), new XAttribute("stroke-width", N(width)), new XAttribute("stroke-linejoin", "round"),
        dashes is null ? null : new XAttribute("stroke-dasharray", dashes));

    public static XElement Circle(double x, double y, double radius, string fill, string? tip = null) => new(
        Namespace + "circle", new XAttribute("cx", N(x)), new XAttribute("cy", N(y)), new XAttribute("r", N(radius)), new XAttribute("fill", fill), Tip(tip));

    public static XElement? Tip(string? text) => text is null ? null : new XElement(Namespace + "title", text);

    /// <summary>A coordinate with at most two decimals.</summary>
    public static string N(double value) => Math.Round(value, 2).ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>A label shortened to fit.</summary>
    public static string Shorten(string text, int most) => text.Length <= most ? text : $"{text[..(most - 1)]}…";
}
