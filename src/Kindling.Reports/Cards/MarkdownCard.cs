using System.Text;
using Kindling.IO;

namespace Kindling.Reports.Cards;

/// <summary>A model card in Markdown.</summary>
public static class MarkdownCard
{
    /// <summary>The card's text.</summary>
    public static string Render(ModelCard card)
    {
        ArgumentNullException.ThrowIfNull(card);
        var text = new StringBuilder($"# {Escape(card.Name)}\n\n{Escape(CardSections.Summary(card))}\n");
        foreach (var section in CardSections.Of(card))
        {
            text.Append('\n').Append("## ").Append(section.Heading).Append('\n');
            foreach (var block in section.Blocks)
                Append(text, block);
        }

        return text.ToString();
    }

    /// <summary>Writes the card to a file, whole or not at all.</summary>
    /// <exception cref="KindlingException">The file cannot be written.</exception>
    public static void Write(string path, ModelCard card) => AtomicFile.Write(path, Render(card));

    /// <summary>A table of cells that are Markdown already; columns whose heading begins with # are numbers.</summary>
    internal static string Table(IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<string>> rows)
    {
        var text = new StringBuilder(Line(headings.Select(h => h.TrimStart('#'))));
        text.Append('|').AppendJoin('|', headings.Select(h => h.StartsWith('#') ? "---:" : "---")).Append("|\n");
        foreach (var row in rows)
            text.Append(Line(row));
        return text.ToString();
    }

    /// <summary>What lies outside code must not become markup.</summary>
    internal static string Escape(string text) => string.Join('`', text.Split('`').Select((part, i) => i % 2 == 1 ? part
        : part.Replace("<", "&lt;", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal).Replace("[", "\\[", StringComparison.Ordinal)));

    private static void Append(StringBuilder text, CardBlock? block)
    {
        if (block is not null)
            text.Append('\n');
        switch (block)
        {
            case ProseBlock prose:
                text.Append(Escape(prose.Text)).Append('\n');
                break;
            case CommandBlock commands:
                foreach (var line in commands.Lines)
                    text.Append("    ").Append(line).Append('\n');
                break;
            case TableBlock table:
                text.Append(Table(table.Headings, table.Rows.Select(r => (IReadOnlyList<string>)[.. r.Select(Escape)])));
                break;
        }
    }

    private static string Line(IEnumerable<string> cells) => $"| {string.Join(" | ", cells.Select(c => c.Replace("|", "\\|", StringComparison.Ordinal)))} |\n";
}
