using System.Globalization;
using Kindling.Reports.Cards;

namespace Kindling.Cli.Models;

/// <summary>Reads a <c>training_log.csv</c> by the names of its columns.</summary>
internal static class TrainingLogFile
{
    /// <summary>The epochs in order.</summary>
    /// <exception cref="KindlingException">A column is missing or a field is no number; the message names file and line.</exception>
    public static IReadOnlyList<CardEpoch> Read(string path)
    {
        var lines = File.ReadAllLines(path);
        var columns = lines.Length == 0 ? [] : lines[0].Split(',').ToList();
        var (epoch, accuracy, validation, seconds) = (Column("epoch"), Column("accuracy"), Column("val_accuracy"), Column("seconds"));
        return [.. lines.Select((text, i) => (Fields: text.Split(','), Line: i + 1)).Skip(1).Where(l => l.Fields.Length > 1).Select(l => new CardEpoch(
            (int)(Number(l, epoch) ?? 0), Number(l, accuracy) ?? 0, Number(l, validation), Number(l, seconds) ?? 0))];

        int Column(string name) => columns.IndexOf(name) is var index and >= 0 ? index : throw new KindlingException($"{path}: line 1 has no column '{name}'");

        double? Number((string[] Fields, int Line) l, int column)
        {
            var text = column < l.Fields.Length ? l.Fields[column] : "";
            if (text.Length == 0)
                return null;
            return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                ? value
                : throw new KindlingException($"{path}: line {l.Line}: '{text}' is no number");
        }
    }
}
