using Kindling.IO;
using static Kindling.Reports.Cards.CardText;

namespace Kindling.Reports.Cards;

/// <summary>The table of all trained models, made from their cards.</summary>
public static class CardIndex
{
    /// <summary>The first line.</summary>
    public const string Heading = "# Trained models";

    private static readonly string[] Headings =
    [
        "model", "input", "data", "#float top-1", "#published", "#int8 top-1", "#published", "#parameters", "#RAM, KiB", "#published", "#flash, KiB", "#published", "#instructions",
    ];

    /// <summary>The table in Markdown with a heading; models are links to their folders.</summary>
    /// <param name="cards">The cards, each with the name of its folder.</param>
    /// <param name="command">The command that writes the table again.</param>
    public static string Render(IReadOnlyList<(string Folder, ModelCard Card)> cards, string command)
    {
        ArgumentNullException.ThrowIfNull(cards);
        var table = MarkdownCard.Table(Headings, cards.Select(c => (IReadOnlyList<string>)Row(c.Folder, c.Card)));
        return $"""
            {Heading}

            Each folder holds a trained model: its configuration with the command that trained it, the training log, float weights, the int8 network, and its card
            (`README.md`, `card.html`). Accuracy is measured on the photos that the card names; RAM and flash are read from the linked image of the generated C, instructions
            are counted in QEMU. *Published* are the figures of the network's published card, where there is one.

            {table}
            This table is written by `{command}` from the `card.json` beside each card.

            """.ReplaceLineEndings("\n");
    }

    /// <summary>Writes the table to a file, whole or not at all.</summary>
    /// <exception cref="KindlingException">The file cannot be written.</exception>
    public static void Write(string path, IReadOnlyList<(string Folder, ModelCard Card)> cards, string command) => AtomicFile.Write(path, Render(cards, command));

    private static string[] Row(string folder, ModelCard card)
    {
        var device = card.Device;
        return
        [
            $"[{card.Name}]({folder}/README.md)", card.Input, MarkdownCard.Escape(Plain(card.DataSet)), Top1(card.Float), Published("float", PublishedFigures.Top1, " %"), Top1(card.Int8), Published("int8", PublishedFigures.Top1, " %"),
            Count(card.Parameters), Kib(device?.RamBytes), Published("int8", PublishedFigures.TotalRam, ""), Kib(device?.FlashBytes), Published("int8", PublishedFigures.TotalFlash, ""),
            device is null ? "–" : Count(device.Instructions),
        ];

        string Published(string format, string quantity, string unit) => PublishedFigures.Find(card, format, quantity) is { } figure ? Number(figure.Value) + unit : "–";
    }

    private static string Top1(CardAccuracy? accuracy) => accuracy is null ? "–" : Percent(accuracy.Top1);

    private static string Kib(long? bytes) => bytes is { } value ? Number(value / 1024.0) : "–";
}
