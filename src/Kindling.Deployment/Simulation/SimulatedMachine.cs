using System.Globalization;

namespace Kindling.Deployment;

/// <summary>A board that QEMU simulates: where its memories are and how instructions are counted on it.</summary>
/// <param name="Name">QEMU's name: <c>mps2-an500</c>.</param>
/// <param name="Core">The processor core.</param>
/// <param name="CodeOrigin">Address of the memory for code and constants.</param>
/// <param name="CodeBytes">Its size.</param>
/// <param name="DataOrigin">Address of the memory for data.</param>
/// <param name="DataBytes">Its size.</param>
/// <param name="TimerAddress">Address of a 32-bit CMSDK timer; 0 takes the core's 24-bit SysTick.</param>
/// <param name="InstructionsPerTick">Instructions of one nanosecond each in one tick of the timer.</param>
/// <param name="LargeOrigin">Address of a memory for weights and arena; 0 where those for code and data are large enough.</param>
internal sealed record SimulatedMachine(
    string Name, string Core, uint CodeOrigin, uint CodeBytes, uint DataOrigin, uint DataBytes, uint TimerAddress, double InstructionsPerTick, uint LargeOrigin = 0)
{
    private const uint KiB = 1024;
    private const uint MiB = 1024 * KiB;
    private const uint LargeBytes = 4 * MiB;

    /// <summary>All machines: QEMU's documentation of Arm's MPS2 and MPS3 boards.</summary>
    public static IReadOnlyList<SimulatedMachine> All { get; } =
    [
        new("mps2-an386", "Cortex-M4", 0, 4 * MiB, 0x2000_0000, 4 * MiB, 0x4000_0000, 40),
        new("mps2-an500", "Cortex-M7", 0, 4 * MiB, 0x2000_0000, 4 * MiB, 0x4000_0000, 40),
        new("mps2-an505", "Cortex-M33", 0x1000_0000, 4 * MiB, 0x3800_0000, 4 * MiB, 0x5000_0000, 50),
        new("mps3-an547", "Cortex-M55", 0, 512 * KiB, 0x2000_0000, 512 * KiB, 0, 31.25, 0x7000_0000),
    ];

    /// <summary>The machine of that name.</summary>
    /// <exception cref="KindlingException">There is none; the message lists all.</exception>
    public static SimulatedMachine Find(string name) =>
        All.FirstOrDefault(m => m.Name == name)
        ?? throw new KindlingException($"no simulated machine {name}; there are {string.Join(", ", All.Select(m => m.Name))}");

    /// <summary>The compiler's definitions for the measuring harness.</summary>
    public IEnumerable<string> Definitions => TimerAddress == 0 ? [] : [$"-DHARNESS_TIMER=0x{TimerAddress:X}"];

    /// <summary>The memories as the linker reads them.</summary>
    public string LinkerMemory() => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        MEMORY
        {
            CODE (rx)  : ORIGIN = 0x{{CodeOrigin:X8}}, LENGTH = {{CodeBytes / KiB}}K
            DATA (rwx) : ORIGIN = 0x{{DataOrigin:X8}}, LENGTH = {{DataBytes / KiB}}K{{(LargeOrigin == 0 ? "" : Large())}}
        }
        REGION_ALIAS("WEIGHTS", {{(LargeOrigin == 0 ? "CODE" : "LARGE_CODE")}})
        REGION_ALIAS("ARENA", {{(LargeOrigin == 0 ? "DATA" : "LARGE_DATA")}})

        """);

    private string Large() => string.Create(
        CultureInfo.InvariantCulture,
        $"""

            LARGE_CODE (rx)  : ORIGIN = 0x{LargeOrigin:X8}, LENGTH = {LargeBytes / KiB}K
            LARGE_DATA (rwx) : ORIGIN = 0x{LargeOrigin + LargeBytes:X8}, LENGTH = {LargeBytes / KiB}K
        """);
}
