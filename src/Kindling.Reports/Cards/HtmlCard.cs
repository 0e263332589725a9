using System.Xml.Linq;
using Kindling.IO;
using Kindling.Reports.Charts;
using static Kindling.Reports.Pages.Html;

namespace Kindling.Reports.Cards;

/// <summary>A model card as one self-contained HTML page: no scripts, no links to other files.</summary>
public static class HtmlCard
{
    /// <summary>The page.</summary>
    public static string Render(ModelCard card)
    {
        ArgumentNullException.ThrowIfNull(card);
        var sections = CardSections.Of(card);
        return Page(
            "Kindling model card", card.Name, $"{card.Network}, {card.Input}, {card.ClassNames.Count} classes; measured on {card.EvaluatedOn} of {card.DataSet}",
            sections.Select(s => (s.Id, s.Heading)),
            Tiles(card), sections.Select(s => Section(s.Id, s.Heading, s.Blocks.Select(Block), s.Id == "training" ? Curve(card) : null)));
    }

    /// <summary>Writes the page to a file, whole or not at all.</summary>
    /// <exception cref="KindlingException">The file cannot be written.</exception>
    public static void Write(string path, ModelCard card) => AtomicFile.Write(path, Render(card));

    private static XElement Tiles(ModelCard card) => El("div.cards",
        Accuracy(card, "Float accuracy", card.Float, "float"),
        Accuracy(card, "Int8 accuracy", card.Int8, "int8"),
        Memory(card, "RAM", card.Device?.RamBytes, PublishedFigures.TotalRam),
        Memory(card, "Flash", card.Device?.FlashBytes, PublishedFigures.TotalFlash),
        Tile("Instructions", card.Device is null ? null : Millions(card.Device.Instructions), card.Device is null ? "not measured" : $"an inference, {card.Device.Core}"),
        Tile("Work", Millions(card.Macs), "multiply-accumulates"),
        Tile("Parameters", Millions(card.Parameters), "weights, biases, statistics"));

    private static XElement Accuracy(ModelCard card, string name, CardAccuracy? measured, string format)
    {
        if (measured is null)
            return Tile(name, null, "not measured");
        return PublishedFigures.Find(card, format, PublishedFigures.Top1) is { } published
            ? Tile(name, Percent(measured.Top1), $"top-1; published {CardText.Number(published.Value)} %", CardText.Reaches(measured, published) ? "good" : "bad")
            : Tile(name, Percent(measured.Top1), "top-1");
    }

    private static XElement Memory(ModelCard card, string name, long? bytes, string quantity)
    {
        if (bytes is not { } measured)
            return Tile(name, null, "not measured");
        return PublishedFigures.For(card.Network, card.Input).FirstOrDefault(f => f.Quantity == quantity) is { } published
            ? Tile(name, Kib(measured), $"published {CardText.Number(published.Value)} KiB", measured / 1024.0 <= published.Value ? "good" : "bad")
            : Tile(name, Kib(measured), "in all");
    }

    private static XElement Tile(string name, string? value, string note, string? kind = null) =>
        El(value is null ? "div.card.none" : kind is null ? "div.card" : $"div.card.{kind}", El("div.name", name), El("div.value", value ?? "–"), El("div.note", note));

    private static XElement? Block(CardBlock? block) => block switch
    {
        ProseBlock prose => El("p", Inline(prose.Text)),
        CommandBlock commands => El("pre", new XAttribute("style", "white-space: pre-wrap"), string.Join('\n', commands.Lines)),
        TableBlock { Headings: ["", ""] } facts => El("table.facts", El("tbody", facts.Rows.Select(r => El("tr", El("th", r[0]), El("td", Inline(r[1])))))),
        TableBlock table => Table(table.Headings, table.Rows.Select(r => (IReadOnlyList<object>)[.. r.Select(c => (object)Inline(c))])),
        _ => null,
    };

    private static XElement? Curve(ModelCard card)
    {
        if (card.Training is not { Epochs.Count: > 1, Best: { } best } training)
            return null;
        Series[] series =
        [
            new("training", [.. training.Epochs.Select(e => ((double)e.Epoch, e.Accuracy))]),
            new("validation", [.. training.Epochs.Select(e => ((double)e.Epoch, e.ValidationAccuracy ?? double.NaN))]),
        ];
        return new LineChart("Accuracy", "epoch", series) { IsShare = true, Mark = (best.Epoch, $"kept: epoch {best.Epoch}") }.ToSvg();
    }

    /// <summary>Text with what stands between backticks as code.</summary>
    private static object[] Inline(string text) => [.. text.Split('`').Select((part, i) => i % 2 == 1 ? (object)El("code", part) : part)];
}
