using System.Globalization;

namespace Kindling.Reports.Cards;

/// <summary>Numbers and names as cards print them.</summary>
internal static class CardText
{
    public static string Percent(double share, int decimals = 2) => (share * 100).ToString($"F{decimals}", CultureInfo.InvariantCulture) + " %";

    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Number(double value) => value.ToString("#,0.##", CultureInfo.InvariantCulture);

    public static string Points(double value) => (value > 0 ? "+" : value < 0 ? "−" : "") + Math.Abs(value).ToString("F2", CultureInfo.InvariantCulture);

    /// <summary>True when a measured top-1 is at least the published one, to the two decimals of percent that are printed.</summary>
    public static bool Reaches(CardAccuracy measured, PublishedFigure published) => Math.Round(measured.Top1 * 100, 2) >= published.Value;

    /// <summary>A tool's version without what its packager added in parentheses.</summary>
    public static string Short(string version) => string.Concat(version.Split('(').Select((part, i) => i == 0 ? part.TrimEnd() : part[(part.IndexOf(')', StringComparison.Ordinal) + 1)..].TrimEnd()));

    /// <summary>A text of the user's, which must not begin code.</summary>
    public static string Plain(string text) => text.Replace('`', '\'');
}
