using System.Globalization;
using System.Xml.Linq;

namespace Kindling.Reports.Pages;

/// <summary>Short forms for HTML elements. The page is built as XML, so it is well formed by construction.</summary>
internal static class Html
{
    private static readonly HashSet<string> Void = ["meta", "img", "br", "hr"];

    /// <summary>An element; <paramref name="name"/> may carry a class: <c>div.card</c>.</summary>
    public static XElement El(string name, params object?[] content)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        var element = dot < 0 ? new XElement(name) : new XElement(name[..dot], new XAttribute("class", name[(dot + 1)..].Replace('.', ' ')));
        element.Add(content);
        // <div/> means an open div to a browser.
        if (element.IsEmpty && !Void.Contains(element.Name.LocalName))
            element.Add("");
        return element;
    }

    /// <summary>A section with a heading that can be linked to.</summary>
    public static XElement Section(string id, string heading, params object?[] content) =>
        El("section", new XAttribute("id", id), El("h2", heading), content);

    /// <summary>The sentence that stands for a part that is missing.</summary>
    public static XElement Missing(string reason) => El("p.missing", reason);

    /// <summary>A table; columns whose heading begins with # are numbers.</summary>
    public static XElement Table(IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<object>> rows) =>
        El("div.scroll", El("table",
            El("thead", El("tr", headings.Select(h => El(h.StartsWith('#') ? "th.n" : "th", h.TrimStart('#'))))),
            El("tbody", rows.Select(r => El("tr", r.Select((c, i) => El(headings[i].StartsWith('#') ? "td.n" : "td", c)))))));

    public static string Percent(double share, int decimals = 2) =>
        (share * 100).ToString($"F{decimals}", CultureInfo.InvariantCulture) + "\u00a0%";

    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture).Replace(',', '\u00a0');

    public static string Kib(long bytes) => (bytes / 1024.0).ToString("F1", CultureInfo.InvariantCulture) + " KiB";

    public static string Millions(long value) => value switch
    {
        >= 1_000_000 => (value / 1e6).ToString("F2", CultureInfo.InvariantCulture) + " M",
        >= 10_000 => (value / 1e3).ToString("F1", CultureInfo.InvariantCulture) + " k",
        _ => Count(value),
    };
}
