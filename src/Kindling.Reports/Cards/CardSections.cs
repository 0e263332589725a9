using System.Globalization;
using static Kindling.Reports.Cards.CardText;

namespace Kindling.Reports.Cards;

/// <summary>What a card says, section by section.</summary>
internal static class CardSections
{
    private const int MostClasses = 40;

    public static IReadOnlyList<CardSection> Of(ModelCard card) =>
    [
        new("network", "Network information", [Network(card)]),
        new("tensors", "Inputs and outputs", [Tensors(card)]),
        new("accuracy", "Accuracy", Accuracy(card)),
        new("memory", "Memory footprint", Memory(card)),
        new("time", "Inference time", Time(card)),
        new("training", "Training", Training(card)),
        new("files", "Files and use", [new TableBlock(["file", "#bytes", "content"], [.. card.Files.Select(f => (IReadOnlyList<string>)[$"`{f.Name}`", Count(f.Bytes), f.Content])]), new CommandBlock(card.Use)]),
        new("reproduce", "Reproduce",
        [
            new ProseBlock("Each command gives its figures again on any machine, for any number of threads. PHOTOS is the data set, a folder with one sub-folder a class or a .zip archive of one."),
            new TableBlock(["figures", "command"], [.. card.Commands.Select(c => (IReadOnlyList<string>)[c.Gives, $"`{c.Command}`"])]),
        ]),
    ];

    /// <summary>The figures one looks for first, as a sentence.</summary>
    public static string Summary(ModelCard card)
    {
        var parts = new List<string>();
        foreach (var (name, measured, format) in new[] { ("float", card.Float, "float"), ("int8", card.Int8, "int8") })
        {
            if (measured is not null)
                parts.Add($"{Percent(measured.Top1)} top-1 in {name}{Beside(PublishedFigures.Find(card, format, PublishedFigures.Top1))}");
        }

        if (card.Device is { } d)
        {
            parts.Add($"{Number(d.RamBytes / 1024.0)} KiB of RAM{Beside(PublishedFigures.Find(card, "int8", PublishedFigures.TotalRam))}");
            parts.Add($"{Number(d.FlashBytes / 1024.0)} KiB of flash{Beside(PublishedFigures.Find(card, "int8", PublishedFigures.TotalFlash))}");
            parts.Add($"{Number(d.Instructions / 1e6)} million instructions on a {d.Core}");
        }

        return $"`{card.Network}` at {card.Input} on {Plain(card.DataSet)}, {card.EvaluatedOn}: {string.Join("; ", parts)}.";

        static string Beside(PublishedFigure? figure) => figure is null ? "" : $" (published: {Number(figure.Value)} {figure.Unit})";
    }

    private static TableBlock Network(ModelCard card)
    {
        var rows = new List<IReadOnlyList<string>> { Row("network", $"`{card.Network}`{(card.Description.Length == 0 ? "" : $": {card.Description}")}") };
        if (card.Paper.Length > 0)
            rows.Add(Row("published in", card.Paper));
        rows.Add(Row("input", card.Input));
        rows.Add(Row("photos are prepared", card.Preprocessing));
        rows.Add(Row("classes", $"{card.ClassNames.Count}: {Plain(string.Join(", ", card.ClassNames.Take(MostClasses)))}{(card.ClassNames.Count > MostClasses ? ", …" : "")}"));
        rows.Add(Row("parameters", $"{Count(card.Parameters)}, {Count(card.TrainableParameters)} of them trained"));
        rows.Add(Row("multiply-accumulates", Count(card.Macs)));
        rows.Add(Row("data set", Plain(card.DataSet)));
        if (card.License is { } license)
            rows.Add(Row("licence", Plain(license)));
        return new TableBlock(["", ""], rows);
    }

    private static TableBlock Tensors(ModelCard card) => new(
        ["file", "", "shape", "type", "#scale", "#zero point", "holds"],
        [.. card.Tensors.Select(t => (IReadOnlyList<string>)
        [
            $"`{t.File}`", t.Role, t.Shape, t.Type, t.Scale?.ToString("G6", CultureInfo.InvariantCulture) ?? "", t.ZeroPoint?.ToString(CultureInfo.InvariantCulture) ?? "", t.Meaning,
        ])]);

    private static List<CardBlock?> Accuracy(ModelCard card)
    {
        var rows = new List<IReadOnlyList<string>>();
        var hasTop5 = card.ClassNames.Count > 5;
        foreach (var (name, measured, format) in new[] { ("float", card.Float, "float"), ("int8", card.Int8, "int8") })
        {
            if (measured is null)
                continue;
            var published = PublishedFigures.Find(card, format, PublishedFigures.Top1);
            rows.Add(
            [
                name, Percent(measured.Top1), published is null ? "–" : $"{Number(published.Value)} %", published is null ? "" : Points((measured.Top1 * 100) - published.Value),
                .. hasTop5 ? [Percent(measured.Top5)] : Array.Empty<string>(), Percent(measured.MacroF1), Count(measured.Images),
            ]);
        }

        var classes = card.Int8 ?? card.Float;
        return
        [
            new ProseBlock($"Measured on {card.EvaluatedOn} of {Plain(card.DataSet)}, on the host; the C gives the int8 file's outputs to the bit.{(card.EvaluatedOn.EndsWith("validation photos", StringComparison.Ordinal) ? " Validation photos were not trained on; the epoch was chosen by them." : "")}"),
            new TableBlock(["format", "#top-1", "#published top-1", "#difference, points", .. hasTop5 ? ["#top-5"] : Array.Empty<string>(), "#macro F1", "#photos"], rows),
            classes is null || classes.Classes.Count > MostClasses ? null : new TableBlock(
                [$"class ({(card.Int8 is null ? "float" : "int8")})", "#photos", "#precision", "#recall", "#F1"],
                [.. classes.Classes.Select(c => (IReadOnlyList<string>)[Plain(c.Name), Count(c.Images), Percent(c.Precision, 1), Percent(c.Recall, 1), Percent(c.F1, 1)])]),
        ];
    }

    private static List<CardBlock?> Memory(ModelCard card)
    {
        string[] headings = ["KiB", "#activation RAM", "#runtime RAM", "#weights flash", "#code flash", "#total RAM", "#total flash"];
        string[] quantities =
        [
            PublishedFigures.ActivationRam, PublishedFigures.RuntimeRam, PublishedFigures.WeightsFlash, PublishedFigures.CodeFlash, PublishedFigures.TotalRam, PublishedFigures.TotalFlash,
        ];
        var rows = new List<IReadOnlyList<string>>();
        var published = PublishedFigures.For(card.Network, card.Input).Where(f => f.Format == "int8" && quantities.Contains(f.Quantity)).ToList();
        var theirs = quantities.Select(q => published.FirstOrDefault(f => f.Quantity == q)?.Value).ToList();
        var bytes = card.Device is not { } d ? null
            : new[] { d.ActivationRamBytes, d.RuntimeRamBytes, d.WeightsFlashBytes, d.CodeFlashBytes, d.RamBytes, d.FlashBytes };
        if (bytes is not null)
            rows.Add([$"Kindling's C, {card.Device!.Core}", .. bytes.Select(b => Number(b / 1024.0))]);
        if (published.Count > 0)
            rows.Add([$"published ({published[0].Condition}; {published[0].DataSet})", .. theirs.Select(v => v is { } value ? Number(value) : "–")]);
        if (bytes is not null && published.Count > 0)
            rows.Add(["share of the published", .. theirs.Zip(bytes, (v, b) => v is { } value ? Percent(b / 1024.0 / value, 0) : "–")]);
        return
        [
            card.Device is null ? new ProseBlock(card.DeviceMissing ?? "Not measured.") : new ProseBlock(
                $"Read from the image linked for {card.Device.Board} ({Short(card.Device.Compiler)}); the stack is the deepest one seen. The board's own memories {(card.Device.Fits ? "hold it" : "do not hold it")}."),
            rows.Count == 0 ? null : new TableBlock(headings, rows),
        ];
    }

    private static List<CardBlock?> Time(ModelCard card)
    {
        var rows = new List<IReadOnlyList<string>>();
        if (card.Device is { } d)
            rows.Add([$"Kindling's C, {d.Core}, {Short(d.Emulator)}", d.Time is { } t ? t.Milliseconds is { } ms ? $"about {Number(ms)} ms" : $"at least {Number(t.LowestMilliseconds)} ms" : "", $"{Count(d.Instructions)} instructions, {Number((double)d.Instructions / Math.Max(1, d.Macs))} a multiply-accumulate"]);
        rows.AddRange(PublishedFigures.For(card.Network, card.Input).Where(f => f.Quantity == PublishedFigures.Time).Select(f => (IReadOnlyList<string>)
            [$"published: {f.Condition}, {Number(f.ClockMhz ?? 0)} MHz", $"{Number(f.Value)} ms", f.Condition.Contains(", 1 CPU,", StringComparison.Ordinal) ? $"{Number(f.Value * (f.ClockMhz ?? 0) / 1000)} million clock cycles" : ""]));
        return
        [
            card.Device is { } device
                ? new ProseBlock(
                    $"One inference. Instructions are counted by the simulator and repeat exactly; cycles and time depend on the board's caches and flash. The outputs of {device.OutputsEqualHost} of {device.Inputs} inputs equal the host's to the bit.{(device.Time is { } estimate ? $" {estimate.ToSentence()}" : "")}")
                : new ProseBlock(card.DeviceMissing ?? "Not measured."),
            rows.Count == 0 ? null : new TableBlock(["engine", "#time", "#work"], rows),
        ];
    }

    private static List<CardBlock?> Training(ModelCard card)
    {
        if (card.Training is not { } training)
            return [new ProseBlock("The folder does not say how it was trained.")];
        var facts = string.Create(CultureInfo.InvariantCulture, $"Seeds: {training.Seed} (weights, order, augmentation), {training.SplitSeed} (split).");
        if (training.Best is { ValidationAccuracy: { } accuracy } best)
        {
            var time = TimeSpan.FromSeconds(training.Epochs.Sum(e => e.Seconds));
            var duration = time.TotalHours >= 1 ? $"{(int)time.TotalHours} h {time.Minutes} min" : time.TotalMinutes >= 1 ? $"{(int)time.TotalMinutes} min" : $"{(int)time.TotalSeconds} s";
            facts += $" {training.Epochs.Count} epochs in {duration}; epoch {best.Epoch} was kept, with {Percent(accuracy)} on validation.";
        }

        return
        [
            training.Notes.Length == 0 ? null : new ProseBlock(Plain(training.Notes)),
            new CommandBlock(training.Commands),
            new ProseBlock(facts),
        ];
    }

    private static string[] Row(string name, string value) => [name, value];
}
