namespace Kindling.Deployment;

/// <summary>A linked image for a board and what its sections say.</summary>
/// <param name="Path">The ELF file.</param>
/// <param name="Target">The board it was compiled for.</param>
/// <param name="Project">The C it was compiled from.</param>
/// <param name="Elf">Its sections.</param>
public sealed record FirmwareImage(string Path, Target Target, GeneratedProject Project, ElfImage Elf)
{
    /// <summary>How many steps the image counts instructions for, besides those of whole inferences.</summary>
    public int MeasuredLayers { get; init; }

    /// <summary>Flash for weights, biases and requantization constants.</summary>
    public long WeightsFlashBytes => Elf.Bytes(".network_weights");

    /// <summary>Flash for code, layer descriptions, tables and initial values; the measuring harness is not counted.</summary>
    public long CodeFlashBytes => Elf.Bytes(".code") + Elf.Bytes(".ARM.exidx") + Elf.Bytes(".data");

    /// <summary>RAM of the arena.</summary>
    public long ArenaBytes => Elf.Bytes(".network_arena");

    /// <summary>RAM for everything static but the arena and the measuring harness.</summary>
    public long StaticRamBytes => Elf.Bytes(".data") + Elf.Bytes(".bss");
}
