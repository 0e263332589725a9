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

    /// <summary>A whole page, self-contained: no scripts, no links to other files.</summary>
    /// <param name="brand">What kind of page it is.</param>
    /// <param name="title">What it is about.</param>
    /// <param name="subtitle">More of that.</param>
    /// <param name="links">Sections to link to, by identifier and name.</param>
    /// <param name="content">What stands below the header.</param>
    public static string Page(string brand, string title, string subtitle, IEnumerable<(string Id, string Name)> links, params object?[] content)
    {
        var page = El("html", new XAttribute("lang", "en"),
            El("head",
                El("meta", new XAttribute("charset", "utf-8")),
                El("meta", new XAttribute("name", "viewport"), new XAttribute("content", "width=device-width, initial-scale=1")),
                El("title", $"{title} – {brand}"),
                El("style", Style.Css)),
            El("body",
                El("header", El("div.wide",
                    El("div.brand", brand), El("h1", title), El("p.subtitle", subtitle),
                    El("nav", links.Select(s => El("a", new XAttribute("href", $"#{s.Id}"), s.Name))))),
                El("main.wide", content)));
        return $"<!DOCTYPE html>\n{page.ToString(SaveOptions.DisableFormatting)}\n";
    }

    /// <summary>The line below everything that says when the page was made.</summary>
    public static XElement Footer(DateTimeOffset created) => El("footer", $"Made by Kindling on {created.ToString("d MMMM yyyy, HH:mm", CultureInfo.InvariantCulture)}.");

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
