namespace Kindling.Deployment;

/// <summary>What a network takes on a board, read from the linked image and counted in the simulator.</summary>
public sealed record BenchmarkResult
{
    /// <summary>The board.</summary>
    public required Target Target { get; init; }

    /// <summary>RAM of the arena: input, output and all activations; of an input that comes in rows those in use (<see cref="GeneratedProject.HasRowsOfInput"/>).</summary>
    public required long ActivationRamBytes { get; init; }

    /// <summary>All other RAM: static data and the deepest stack.</summary>
    public required long RuntimeRamBytes { get; init; }

    /// <summary>The part of <see cref="RuntimeRamBytes"/> that is stack.</summary>
    public required long StackBytes { get; init; }

    /// <summary>Flash for weights, biases and requantization constants.</summary>
    public required long WeightsFlashBytes { get; init; }

    /// <summary>Flash for code, layer descriptions and tables.</summary>
    public required long CodeFlashBytes { get; init; }

    /// <summary>Instructions of one inference (the largest of all inputs), to the timer's step.</summary>
    public required long Instructions { get; init; }

    /// <summary>Multiply-accumulates of one inference, padding taps included.</summary>
    public required long Macs { get; init; }

    /// <summary>Multiply-accumulates that are computed a second time to save RAM, besides <see cref="Macs"/>.</summary>
    public long RecomputedMacs { get; init; }

    /// <summary>Inputs that were run.</summary>
    public required int Inputs { get; init; }

    /// <summary>How many of their outputs equal the host's int8 executor to the bit.</summary>
    public required int OutputsEqualHost { get; init; }

    /// <summary>Instructions of each layer that computes something, in order; empty unless they were asked for.</summary>
    public required IReadOnlyList<LayerInstructions> Layers { get; init; }

    /// <summary>The sections of the linked image that take memory.</summary>
    public required IReadOnlyList<ElfSection> Sections { get; init; }

    /// <summary>The compiler's version.</summary>
    public required string Compiler { get; init; }

    /// <summary>The simulator's version.</summary>
    public required string Emulator { get; init; }

    /// <summary>RAM in all.</summary>
    public long RamBytes => ActivationRamBytes + RuntimeRamBytes;

    /// <summary>Flash in all.</summary>
    public long FlashBytes => WeightsFlashBytes + CodeFlashBytes;

    /// <summary>RAM of the board that is left over; negative: so much is missing.</summary>
    public long SpareRamBytes => Target.SpareRamBytes(ActivationRamBytes, RuntimeRamBytes, FlashBytes);

    /// <summary>Flash of the board that is left over; negative: so much is missing. 0 where programs are loaded into RAM.</summary>
    public long SpareFlashBytes => Target.SpareFlashBytes(FlashBytes);

    /// <summary>True when the board's own memories hold it.</summary>
    public bool Fits => Shortage is null;

    /// <summary>What is missing to hold it, as a phrase; null when it fits.</summary>
    public string? Shortage => Target.Shortage(ActivationRamBytes, RuntimeRamBytes, FlashBytes);

    /// <summary>What one inference may take on the board; null unless the instructions of each layer were counted.</summary>
    public TimeEstimate? Time => Layers.Count == 0 ? null : TimeEstimate.Of(Target, Layers);
}
