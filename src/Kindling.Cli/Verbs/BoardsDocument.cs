using System.Globalization;
using Kindling.Deployment;
using Kindling.Graphs;

namespace Kindling.Cli.Verbs;

/// <summary>A benchmark on all boards as JSON.</summary>
internal sealed record BoardsDocument(string Network, long Macs, IReadOnlyList<BoardRow> Boards)
{
    /// <summary>The document of all outcomes.</summary>
    public static BoardsDocument Of(Graph graph, IReadOnlyList<BoardOutcome> outcomes) => new(
        graph.Name, outcomes.Select(o => o.Result?.Macs).FirstOrDefault(m => m is not null) ?? graph.Macs, [.. outcomes.Select(BoardRow.Of)]);

    /// <summary>A table, a row for each board, and what stands behind the times.</summary>
    public string ToText()
    {
        string[] heading = ["board", "core", "MHz", "fits", "RAM KiB", "spare", "flash KiB", "spare", "instructions", "time"];
        var rows = new List<string[]> { heading };
        rows.AddRange(Boards.Select(b => b.Cells()));
        var widths = heading.Select((_, column) => rows.Where(r => r.Length == heading.Length).Max(r => r[column].Length)).ToArray();
        var lines = rows.Select(r => r.Length < heading.Length
            ? string.Join("  ", [.. r.Take(3).Select((c, i) => c.PadRight(widths[i])), r[3]])
            : string.Join("  ", r.Select((c, i) => i is 2 or (> 3 and < 9) ? c.PadLeft(widths[i]) : c.PadRight(widths[i]))).TrimEnd());
        var bases = Boards.Where(b => b.Time is not null).GroupBy(b => b.Time!.Basis).Select(g => $"{string.Join(", ", g.Select(b => b.Board))}: {g.Key}.");
        return string.Join(Environment.NewLine, [.. lines, "", .. bases]).TrimEnd();
    }
}

/// <summary>What came of one board; figures are absent when it was not measured.</summary>
internal sealed record BoardRow(
    string Target, string Board, string Core, double ClockMhz, bool? Fits, string? Shortage, long? RamBytes, long? SpareRamBytes, long? FlashBytes, long? SpareFlashBytes,
    long? Instructions, TimeEstimate? Time, bool? OutputsEqualHost, string? NotMeasured)
{
    /// <summary>The row of an outcome.</summary>
    public static BoardRow Of(BoardOutcome outcome)
    {
        var (target, r) = (outcome.Target, outcome.Result);
        return new BoardRow(
            target.Name, target.Board, target.Core, target.ClockHz / 1e6, r?.Fits, r?.Shortage, r?.RamBytes, r?.SpareRamBytes, r?.FlashBytes, r?.SpareFlashBytes, r?.Instructions,
            r?.Time, r is null ? null : r.OutputsEqualHost == r.Inputs, outcome.Reason);
    }

    /// <summary>The row's cells; four when the board was not measured.</summary>
    public string[] Cells()
    {
        var clock = ClockMhz.ToString("0.#", CultureInfo.InvariantCulture);
        return NotMeasured is { } reason
            ? [Board, Core, clock, $"no: {reason}"]
            : [Board, Core, clock, Fits == true ? "yes" : "no", KiB(RamBytes), KiB(SpareRamBytes), KiB(FlashBytes), FlashBytes > 0 && SpareFlashBytes == 0 ? "in RAM" : KiB(SpareFlashBytes),
                Instructions?.ToString("N0", CultureInfo.InvariantCulture) ?? "not counted", TimeText.Of(Time)];
    }

    private static string KiB(long? bytes) => bytes is { } b ? (b / 1024.0).ToString("N1", CultureInfo.InvariantCulture) : "";
}
