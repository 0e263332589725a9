using System.Globalization;
using System.Text.RegularExpressions;
using Kindling.Text;

namespace Kindling.Deployment;

/// <summary>A board described by its figures: <c>cortex-m4,80MHz,128KiB,512KiB</c>.</summary>
internal static partial class CustomTarget
{
    /// <summary>How such a description looks.</summary>
    public const string Form = "CORE,CLOCK,RAM,FLASH, such as cortex-m4,80MHz,128KiB,512KiB";

    private const long HighestMegahertz = 2000;
    private const long MostKibibytes = 4 * 1024 * 1024;

    private static readonly string[] Cores = [.. ProcessorCore.All.Where(c => !c.IsLinux).Select(c => c.Name.ToLowerInvariant())];

    /// <summary>Reads a description.</summary>
    /// <exception cref="KindlingException">A part is missing, unknown or out of range; the message names it and what is allowed.</exception>
    public static Target Parse(string text)
    {
        var parts = text.Split(',', StringSplitOptions.TrimEntries);
        if (parts.Length != 4)
            throw Fault(text, $"{parts.Length} parts instead of 4");
        var core = ProcessorCore.Find(parts[0]);
        if (core is null or { IsLinux: true })
            throw Fault(text, $"core {parts[0]} is unknown{Suggestion.DidYouMean(parts[0], Cores)}; there are {string.Join(", ", Cores)}");
        var clock = Clock(text, parts[1]);
        var (ram, flash) = (Memory(text, "RAM", parts[2]), Memory(text, "flash", parts[3]));
        var name = string.Create(CultureInfo.InvariantCulture, $"{core.Name.ToLowerInvariant()},{clock / 1e6}MHz,{ram >> 10}KiB,{flash >> 10}KiB");
        return new Target(
            name, string.Create(CultureInfo.InvariantCulture, $"{core.Name} at {clock / 1e6} MHz"), core.Name, clock, ram, flash, core.CompilerFlags, core.Machine);
    }

    private static long Clock(string text, string part)
    {
        if (ClockForm().Match(part) is not { Success: true } match)
            throw Fault(text, $"clock {part} is not a number of MHz, such as 80MHz");
        var hertz = decimal.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * 1_000_000;
        return hertz is >= 1_000_000 and <= HighestMegahertz * 1_000_000
            ? (long)hertz
            : throw Fault(text, $"clock {part} is not between 1 and {HighestMegahertz} MHz");
    }

    private static long Memory(string text, string what, string part)
    {
        if (MemoryForm().Match(part) is not { Success: true } match)
            throw Fault(text, $"{what} {part} is not a whole number of KiB or MiB, such as 128KiB");
        var kibibytes = decimal.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * (match.Groups[2].Value.StartsWith('M') || match.Groups[2].Value.StartsWith('m') ? 1024 : 1);
        return kibibytes is >= 1 and <= MostKibibytes
            ? (long)kibibytes * 1024
            : throw Fault(text, $"{what} {part} is not between 1KiB and {MostKibibytes >> 10}MiB");
    }

    private static KindlingException Fault(string text, string problem) => new($"target {text}: {problem}; a target is {Form}, or a board's name");

    [GeneratedRegex("^([0-9]{1,6}(?:\\.[0-9]{1,6})?) ?MHz$", RegexOptions.IgnoreCase)]
    private static partial Regex ClockForm();

    [GeneratedRegex("^([0-9]{1,9}) ?(KiB|MiB)$", RegexOptions.IgnoreCase)]
    private static partial Regex MemoryForm();
}
