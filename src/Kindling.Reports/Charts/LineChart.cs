using System.Globalization;
using System.Xml.Linq;

namespace Kindling.Reports.Charts;

/// <summary>One line of a chart.</summary>
/// <param name="Name">What the legend calls it.</param>
/// <param name="Points">Its points; those that are not finite are left out.</param>
/// <param name="IsDashed">True draws it dashed.</param>
public sealed record Series(string Name, IReadOnlyList<(double X, double Y)> Points, bool IsDashed = false);

/// <summary>Lines over a common axis, as SVG.</summary>
/// <param name="Title">Above the chart.</param>
/// <param name="XLabel">What runs to the right.</param>
/// <param name="Series">The lines.</param>
public sealed record LineChart(string Title, string XLabel, IReadOnlyList<Series> Series)
{
    private const double Left = 52;
    private const double Top = 34;
    private const double Bottom = 42;

    /// <summary>Width in CSS pixels.</summary>
    public double Width { get; init; } = 440;

    /// <summary>Height in CSS pixels.</summary>
    public double Height { get; init; } = 270;

    /// <summary>Values from 0 to 1 labelled as per cent.</summary>
    public bool IsShare { get; init; }

    /// <summary>A point to mark, by its x, with its label; null for none.</summary>
    public (double X, string Label)? Mark { get; init; }

    /// <summary>Draws the chart.</summary>
    public XElement ToSvg()
    {
        var lines = Series.Select(s => s with { Points = [.. s.Points.Where(p => double.IsFinite(p.X) && double.IsFinite(p.Y))] }).ToList();
        var all = lines.SelectMany(s => s.Points).DefaultIfEmpty((X: 0, Y: 0)).ToList();
        var right = Width - 14;
        var x = Scale.Exact(all.Min(p => p.X), all.Max(p => p.X), Left, right, leastStep: 1);
        var y = Scale.Rounded(Math.Min(0, all.Min(p => p.Y)), IsShare ? 1 : all.Max(p => p.Y), Height - Bottom, Top);
        var content = new List<object> { Svg.Text(Left, 18, Title, isBold: true, size: 13) };
        foreach (var tick in y.Ticks)
        {
            content.Add(Svg.Line(Left, y.Map(tick), right, y.Map(tick), Svg.Grid));
            content.Add(Svg.Text(Left - 8, y.Map(tick) + 4, IsShare ? $"{Math.Round(tick * 100)} %" : y.Label(tick), "end", Svg.Muted, 11));
        }

        foreach (var tick in x.Ticks)
            content.Add(Svg.Text(x.Map(tick), Height - Bottom + 16, x.Label(tick), "middle", Svg.Muted, 11));
        content.Add(Svg.Text((Left + right) / 2, Height - 8, XLabel, "middle", Svg.Muted, 11));
        if (Mark is { } mark)
        {
            content.Add(Svg.Line(x.Map(mark.X), Top, x.Map(mark.X), Height - Bottom, Svg.Muted));
            content.Add(x.Map(mark.X) > (Left + right) / 2
                ? Svg.Text(x.Map(mark.X) - 5, Height - Bottom - 6, mark.Label, "end", Svg.Muted, 11)
                : Svg.Text(x.Map(mark.X) + 5, Height - Bottom - 6, mark.Label, "start", Svg.Muted, 11));
        }

        for (var i = 0; i < lines.Count; i++)
            DrawLine(content, lines[i], Svg.Palette[i % Svg.Palette.Count], x, y);
        if (lines.Count > 1)
            DrawLegend(content, lines, right);
        return Svg.Drawing(Width, Height, Title, content);
    }

    private void DrawLine(List<object> content, Series line, string color, Scale x, Scale y)
    {
        if (line.Points.Count == 0)
            return;
        content.Add(Svg.Polyline(line.Points.Select(p => (x.Map(p.X), y.Map(p.Y))), color, dashes: line.IsDashed ? "5 3" : null));
        // Tips for every point of a long run would make the page heavy.
        var stride = Math.Max(1, line.Points.Count / 60);
        for (var i = 0; i < line.Points.Count; i += stride)
        {
            var point = line.Points[i];
            var value = IsShare
                ? (point.Y * 100).ToString("F2", CultureInfo.InvariantCulture) + " %"
                : point.Y.ToString("G4", CultureInfo.InvariantCulture);
            content.Add(Svg.Circle(x.Map(point.X), y.Map(point.Y), line.Points.Count < 30 ? 2.5 : 1.5, color, $"{line.Name}, {XLabel} {Svg.N(point.X)}: {value}"));
        }
    }

    private static void DrawLegend(List<object> content, List<Series> lines, double right)
    {
        var x = right;
        for (var i = lines.Count - 1; i >= 0; i--)
        {
            x -= (lines[i].Name.Length * 6.3) + 2;
            content.Add(Svg.Text(x, 18, lines[i].Name, color: Svg.Ink, size: 11));
            x -= 20;
            content.Add(Svg.Polyline([(x, 14), (x + 15, 14)], Svg.Palette[i % Svg.Palette.Count], 3, lines[i].IsDashed ? "5 3" : null));
            x -= 12;
        }
    }
}
