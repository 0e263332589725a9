namespace Kindling.Deployment;

/// <summary>A board as the tool chain needs to know it.</summary>
/// <param name="Name">The short name on the command line: <c>stm32h7</c>.</param>
/// <param name="Board">The board the figures belong to.</param>
/// <param name="Core">The processor core.</param>
/// <param name="ClockHz">Clock of the core in Hz.</param>
/// <param name="RamBytes">On-chip RAM of all kinds; of a board with Linux, all its RAM.</param>
/// <param name="FlashBytes">On-chip flash; 0 when programs are loaded into RAM.</param>
/// <param name="CompilerFlags">What gcc needs for the core.</param>
/// <param name="Machine">QEMU's machine with the same core; <c>qemu-arm</c> for boards with Linux.</param>
public sealed record Target(
    string Name, string Board, string Core, long ClockHz, long RamBytes, long FlashBytes, IReadOnlyList<string> CompilerFlags, string Machine)
{
    /// <summary>The chip's family: <c>STM32H7</c>; empty for a board that is described by its figures.</summary>
    public string Family { get; init; } = "";

    /// <summary>Processors that share the work: more than one only on a board with Linux.</summary>
    public int Processors { get; init; } = 1;

    /// <summary>The largest part of the RAM with addresses in a row, which must hold the arena.</summary>
    public long LargestRamBytes { get; init; } = RamBytes;

    /// <summary>Why nothing is compiled for the board; null when it can be used.</summary>
    public string? Refusal { get; init; }

    /// <summary>True when the C runs as a Linux program.</summary>
    public bool IsLinux => Machine == ProcessorCore.Linux;

    /// <summary>RAM that is left over, in bytes; negative: so much is missing.</summary>
    /// <param name="arenaBytes">RAM of the arena.</param>
    /// <param name="otherRamBytes">All other RAM.</param>
    /// <param name="flashBytes">Weights and code, which take RAM where there is no flash.</param>
    public long SpareRamBytes(long arenaBytes, long otherRamBytes, long flashBytes) =>
        Math.Min(LargestRamBytes - arenaBytes, RamBytes - arenaBytes - otherRamBytes - (FlashBytes == 0 ? flashBytes : 0));

    /// <summary>Flash that is left over, in bytes; negative: so much is missing. 0 where programs are loaded into RAM.</summary>
    /// <param name="flashBytes">Weights and code.</param>
    public long SpareFlashBytes(long flashBytes) => FlashBytes == 0 ? 0 : FlashBytes - flashBytes;

    /// <summary>What is missing to hold a network, as a phrase: <c>239 KiB of RAM</c>; null when it fits.</summary>
    /// <param name="arenaBytes">RAM of the arena.</param>
    /// <param name="otherRamBytes">All other RAM.</param>
    /// <param name="flashBytes">Weights and code.</param>
    public string? Shortage(long arenaBytes, long otherRamBytes, long flashBytes)
    {
        var (ram, flash) = (SpareRamBytes(arenaBytes, otherRamBytes, flashBytes), SpareFlashBytes(flashBytes));
        var parts = new List<string>();
        if (ram < 0)
            parts.Add($"{KiB(-ram)} KiB of RAM{(LargestRamBytes < RamBytes && arenaBytes > LargestRamBytes ? $" in a row ({Board} has {LargestRamBytes >> 10} of its {RamBytes >> 10} KiB)" : "")}");
        if (flash < 0)
            parts.Add($"{KiB(-flash)} KiB of flash");
        return parts.Count == 0 ? null : string.Join(" and ", parts);
    }

    private static long KiB(long bytes) => (bytes + 1023) >> 10;
}
