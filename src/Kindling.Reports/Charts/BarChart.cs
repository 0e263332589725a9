using System.Xml.Linq;

namespace Kindling.Reports.Charts;

/// <summary>One bar.</summary>
/// <param name="Name">Left of the bar.</param>
/// <param name="Value">Its length, not negative.</param>
/// <param name="Label">Right of the bar.</param>
public sealed record Bar(string Name, double Value, string Label)
{
    /// <summary>Colour; null takes the chart's.</summary>
    public string? Color { get; init; }
}

/// <summary>Horizontal bars, as SVG.</summary>
/// <param name="Title">Above the chart.</param>
/// <param name="Bars">The bars from top to bottom.</param>
public sealed record BarChart(string Title, IReadOnlyList<Bar> Bars)
{
    private const double RowHeight = 20;
    private const double Top = 30;

    /// <summary>Width in CSS pixels.</summary>
    public double Width { get; init; } = 440;

    /// <summary>Names longer than this are shortened.</summary>
    public int LongestName { get; init; } = 26;

    /// <summary>Colour of the bars.</summary>
    public string Color { get; init; } = Svg.Palette[0];

    /// <summary>Draws the chart.</summary>
    public XElement ToSvg()
    {
        var names = Bars.Select(b => Svg.Shorten(b.Name, LongestName)).ToList();
        var left = names.Select(n => n.Length).DefaultIfEmpty(0).Max() * 6.6 + 12;
        var labels = Bars.Select(b => b.Label.Length).DefaultIfEmpty(0).Max() * 6.4 + 12;
        var room = Math.Max(40, Width - left - labels);
        var largest = Math.Max(double.Epsilon, Bars.Select(b => b.Value).DefaultIfEmpty(0).Max());
        var content = new List<object> { Svg.Text(0, 16, Title, isBold: true, size: 13) };
        for (var i = 0; i < Bars.Count; i++)
        {
            var y = Top + (i * RowHeight);
            var length = Math.Max(1, Bars[i].Value / largest * room);
            content.Add(Svg.Text(left - 8, y + 13, names[i], "end", Svg.Ink, 11));
            content.Add(Svg.Rectangle(left, y + 2, length, RowHeight - 5, Bars[i].Color ?? Color, $"{Bars[i].Name}: {Bars[i].Label}", radius: 2));
            content.Add(Svg.Text(left + length + 6, y + 13, Bars[i].Label, "start", Svg.Muted, 11));
        }

        return Svg.Drawing(Width, Top + (Bars.Count * RowHeight) + 4, Title, content);
    }
}
