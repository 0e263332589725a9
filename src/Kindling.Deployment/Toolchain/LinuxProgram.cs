namespace Kindling.Deployment;

/// <summary>A program for Linux on Arm and what the sections of its object files say; the C library's parts are not counted.</summary>
/// <param name="Path">The program.</param>
/// <param name="Project">The C it was compiled from.</param>
/// <param name="MeasuredLayers">How many steps say where they end; 0 when none does.</param>
internal sealed record LinuxProgram(string Path, GeneratedProject Project, int MeasuredLayers)
{
    /// <summary>RAM of the arena.</summary>
    public required long ArenaBytes { get; init; }

    /// <summary>RAM for everything static but the arena: the second thread's scratch, above all.</summary>
    public required long StaticRamBytes { get; init; }

    /// <summary>Bytes of weights, biases and requantization constants.</summary>
    public required long WeightsFlashBytes { get; init; }

    /// <summary>Bytes of code, layer descriptions and tables.</summary>
    public required long CodeFlashBytes { get; init; }
}
