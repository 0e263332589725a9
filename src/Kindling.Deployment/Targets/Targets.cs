using System.Globalization;
using Kindling.Text;

namespace Kindling.Deployment;

/// <summary>The boards known by name (<c>boards.tsv</c>), and boards described by core, clock, RAM and flash.</summary>
public static class Targets
{
    /// <summary>All boards known by name, also those that are refused (<see cref="Target.Refusal"/>).</summary>
    public static IReadOnlyList<Target> All { get; } = Read();

    /// <summary>
    /// The board of that name, or the board's own name, in any case; or a board described as <c>CORE,CLOCK,RAM,FLASH</c>:
    /// <c>cortex-m4,80MHz,128KiB,512KiB</c>.
    /// </summary>
    /// <exception cref="KindlingException">There is none, the message lists all; or the board is refused, the message says why.</exception>
    public static Target Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Contains(',', StringComparison.Ordinal))
            return CustomTarget.Parse(name);
        var target = All.FirstOrDefault(t => string.Equals(t.Name, name, StringComparison.OrdinalIgnoreCase)
            || string.Equals(t.Board, name, StringComparison.OrdinalIgnoreCase))
            ?? throw new KindlingException(
                $"target {name} is unknown{Suggestion.DidYouMean(name, All.SelectMany(t => new[] { t.Name, t.Board }))}; known are {string.Join(", ", All.Where(t => t.Refusal is null).Select(t => $"{t.Name} ({t.Board})"))}, "
                + $"and any Cortex-M as {CustomTarget.Form}");
        return target.Refusal is { } reason ? throw new KindlingException($"{target.Board} is not a target: {reason}") : target;
    }

    private static List<Target> Read()
    {
        using var stream = typeof(Targets).Assembly.GetManifestResourceStream("boards.tsv")!;
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n').Where(l => l.Length > 0 && l[0] != '#').Skip(1).Select(l => l.Split('\t')).Select(c =>
        {
            var core = ProcessorCore.Find(c[3])!;
            return new Target(c[0], c[2], core.Name, Number(c[5]) * 1_000_000, Number(c[6]) * 1024, Number(c[8]) * 1024, core.CompilerFlags, core.Machine)
            {
                Family = c[1],
                Processors = (int)Number(c[4]),
                LargestRamBytes = Number(c[7]) * 1024,
                Refusal = c[9].Length == 0 ? null : c[9],
            };
        })];
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
