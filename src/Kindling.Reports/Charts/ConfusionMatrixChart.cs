using System.Globalization;
using System.Xml.Linq;
using Kindling.Reports.Metrics;

namespace Kindling.Reports.Charts;

/// <summary>A confusion matrix as coloured cells: a row an actual class, a column a predicted one, the colour the share of the row.</summary>
/// <param name="Title">Above the chart.</param>
/// <param name="ClassNames">The classes.</param>
/// <param name="Matrix">The counts.</param>
public sealed record ConfusionMatrixChart(string Title, IReadOnlyList<string> ClassNames, ConfusionMatrix Matrix)
{
    private const int MostNumbers = 24;
    private const int LongestName = 18;

    /// <summary>Width in CSS pixels.</summary>
    public double Width { get; init; } = 440;

    /// <summary>Draws the chart.</summary>
    public XElement ToSvg()
    {
        var count = Matrix.Classes;
        var hasNumbers = count <= MostNumbers;
        var names = ClassNames.Select(n => Svg.Shorten(n, LongestName)).ToList();
        var margin = hasNumbers ? (names.Max(n => n.Length) * 6.4) + 30 : 30;
        var cell = (Width - margin - 8) / count;
        var cellHeight = Math.Min(cell, 56);
        const double top = 42;
        var bottom = top + (cellHeight * count);
        var slanted = hasNumbers && names.Max(n => n.Length) * 6.4 > cell;
        var content = new List<object>
        {
            Svg.Text(0, 16, Title, isBold: true, size: 13),
            Svg.Text(margin + (cell * count / 2), 34, "predicted", "middle", Svg.Muted, 11),
            Svg.Text(10, (top + bottom) / 2, "actual", "middle", Svg.Muted, 11, rotate: -90),
        };
        for (var a = 0; a < count; a++)
        {
            var y = top + (a * cellHeight);
            if (hasNumbers)
            {
                content.Add(Svg.Text(margin - 8, y + (cellHeight / 2) + 4, names[a], "end", size: 11));
                var x = margin + ((a + 0.5) * cell);
                content.Add(slanted ? Svg.Text(x + 4, bottom + 12, names[a], "end", size: 11, rotate: -40) : Svg.Text(x, bottom + 16, names[a], "middle", size: 11));
            }

            for (var p = 0; p < count; p++)
                content.AddRange(Cell(a, p, margin + (p * cell), y, cell, cellHeight, hasNumbers));
        }

        return Svg.Drawing(Width, bottom + (!hasNumbers ? 8 : slanted ? (names.Max(n => n.Length) * 4.6) + 22 : 26), Title, content);
    }

    private IEnumerable<XElement> Cell(int actual, int predicted, double x, double y, double width, double height, bool hasNumbers)
    {
        var value = Matrix[actual, predicted];
        var share = Matrix.Actual(actual) > 0 ? (double)value / Matrix.Actual(actual) : 0;
        var color = actual == predicted ? Blend(11, 107, 203, share) : Blend(201, 62, 43, Math.Min(1, share * 2));
        var percent = (share * 100).ToString("F1", CultureInfo.InvariantCulture);
        yield return Svg.Rectangle(x + 1, y + 1, width - 2, height - 2, color, $"{value} of {ClassNames[actual]} predicted as {ClassNames[predicted]} ({percent} %)", radius: 3);
        if (hasNumbers)
        {
            var isDark = (actual == predicted ? share : share * 2) > 0.55;
            yield return Svg.Text(x + (width / 2), y + (height / 2) + 4, value.ToString(CultureInfo.InvariantCulture), "middle", isDark ? "#ffffff" : Svg.Ink, width < 26 ? 9 : 12);
        }
    }

    /// <summary>From a very light gray to the colour.</summary>
    private static string Blend(int red, int green, int blue, double share)
    {
        const int paper = 243;
        return $"#{Mix(red):x2}{Mix(green):x2}{Mix(blue):x2}";

        int Mix(int channel) => (int)Math.Round(paper + ((channel - paper) * Math.Pow(Math.Clamp(share, 0, 1), 0.7)));
    }
}
