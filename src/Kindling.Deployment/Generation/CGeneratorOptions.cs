namespace Kindling.Deployment;

/// <summary>How C is generated.</summary>
public sealed record CGeneratorOptions
{
    /// <summary>The name in <c>kindling_NAME_run()</c>; null takes the graph's. Everything but letters and digits becomes an underscore.</summary>
    public string? ModelName { get; init; }

    /// <summary>The input of the self-test as raw bytes of the input's type; null takes deterministic noise.</summary>
    public byte[]? SelfTestInput { get; init; }

    /// <summary>The image of the examples: [H, W, C] bytes as the network's preprocessing makes them of a photo; null draws a pattern.</summary>
    public byte[]? ExamplePixels { get; init; }

    /// <summary>The board that the toolchain file and the examples are written for; null takes the first of <see cref="Targets.All"/> with a Cortex-M7. One with Linux
    /// adds a folder <c>linux/</c>: a CMake project with two threads.</summary>
    public Target? Target { get; init; }

    /// <summary>What to prefer where instructions, RAM and flash conflict.</summary>
    public OptimizationGoal Optimize { get; init; } = OptimizationGoal.Balanced;

    /// <summary>Draws the memory plan as SVG, which becomes <c>memory_plan.svg</c>; null: no drawing.</summary>
    public Func<GeneratedProject, string>? DrawMemoryPlan { get; init; }

    /// <summary>Every buffer of the arena starts at a multiple of it (a power of two).</summary>
    public int Alignment { get; init; } = 4;
}
