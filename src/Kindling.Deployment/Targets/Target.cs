namespace Kindling.Deployment;

/// <summary>A board as the tool chain needs to know it.</summary>
/// <param name="Name">The short name on the command line: <c>stm32h7</c>.</param>
/// <param name="Board">The board the figures belong to.</param>
/// <param name="Core">The processor core.</param>
/// <param name="ClockHz">Clock of the core in Hz.</param>
/// <param name="RamBytes">On-chip RAM of all kinds.</param>
/// <param name="FlashBytes">On-chip flash.</param>
/// <param name="CompilerFlags">What arm-none-eabi-gcc needs for the core.</param>
/// <param name="Machine">QEMU's machine with the same core.</param>
public sealed record Target(
    string Name, string Board, string Core, long ClockHz, long RamBytes, long FlashBytes, IReadOnlyList<string> CompilerFlags, string Machine);
