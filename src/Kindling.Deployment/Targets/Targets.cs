namespace Kindling.Deployment;

/// <summary>The boards known by name. Clocks and memories from the data sheets.</summary>
public static class Targets
{
    private const int KiB = 1024;
    private static readonly string[] CortexM7 = ["-mcpu=cortex-m7", "-mfpu=fpv5-d16", "-mfloat-abi=hard", "-mthumb"];
    private static readonly string[] CortexM4 = ["-mcpu=cortex-m4", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard", "-mthumb"];

    /// <summary>All boards.</summary>
    public static IReadOnlyList<Target> All { get; } =
    [
        new("stm32h7", "STM32H747I-DISCO", "Cortex-M7", 400_000_000, 1024 * KiB, 2048 * KiB, CortexM7, "mps2-an500"),
        new("stm32f7", "STM32F769I-DISCO", "Cortex-M7", 216_000_000, 512 * KiB, 2048 * KiB, CortexM7, "mps2-an500"),
        new("stm32l4", "NUCLEO-L4R5ZI", "Cortex-M4", 120_000_000, 640 * KiB, 2048 * KiB, CortexM4, "mps2-an386"),
    ];

    /// <summary>The board of that name, or the board's own name, in any case.</summary>
    /// <exception cref="KindlingException">There is none; the message lists all.</exception>
    public static Target Find(string name) =>
        All.FirstOrDefault(t => string.Equals(t.Name, name, StringComparison.OrdinalIgnoreCase)
            || string.Equals(t.Board, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new KindlingException($"target {name} is unknown; known are {string.Join(", ", All.Select(t => $"{t.Name} ({t.Board})"))}");
}
