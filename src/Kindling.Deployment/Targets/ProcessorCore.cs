namespace Kindling.Deployment;

/// <summary>A processor core: how C is compiled for it and which of QEMU's machines runs it.</summary>
/// <param name="Name">Arm's name: <c>Cortex-M4</c>.</param>
/// <param name="CompilerFlags">What gcc needs for the core.</param>
/// <param name="Machine">QEMU's machine with that core, or with one that executes the same instructions; <c>qemu-arm</c> runs Linux programs.</param>
/// <param name="LowestCyclesPerInstruction">1, or 0.5 for cores that can issue two instructions at once (Arm's technical reference manuals).</param>
public sealed record ProcessorCore(string Name, IReadOnlyList<string> CompilerFlags, string Machine, double LowestCyclesPerInstruction)
{
    private const string M3AndM4 = "mps2-an386";
    private const string M7 = "mps2-an500";
    private const string M33 = "mps2-an505";
    private const string M55 = "mps3-an547";

    /// <summary>QEMU's program for a single Linux process, in place of a machine.</summary>
    internal const string Linux = "qemu-arm";

    /// <summary>All cores that C can be compiled for and simulated.</summary>
    public static IReadOnlyList<ProcessorCore> All { get; } =
    [
        new("Cortex-M0", ["-mcpu=cortex-m0", "-mfloat-abi=soft", "-mthumb"], M3AndM4, 1),
        new("Cortex-M0+", ["-mcpu=cortex-m0plus", "-mfloat-abi=soft", "-mthumb"], M3AndM4, 1),
        new("Cortex-M3", ["-mcpu=cortex-m3", "-mfloat-abi=soft", "-mthumb"], M3AndM4, 1),
        new("Cortex-M4", ["-mcpu=cortex-m4", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard", "-mthumb"], M3AndM4, 1),
        new("Cortex-M7", ["-mcpu=cortex-m7", "-mfpu=fpv5-d16", "-mfloat-abi=hard", "-mthumb"], M7, 0.5),
        new("Cortex-M23", ["-mcpu=cortex-m23", "-mfloat-abi=soft", "-mthumb"], M33, 1),
        new("Cortex-M33", ["-mcpu=cortex-m33", "-mfpu=fpv5-sp-d16", "-mfloat-abi=hard", "-mthumb"], M33, 0.5),
        new("Cortex-M55", ["-mcpu=cortex-m55", "-mfloat-abi=hard", "-mthumb"], M55, 0.5),
        new("Cortex-M85", ["-mcpu=cortex-m55", "-mfloat-abi=hard", "-mthumb"], M55, 0.5),
        new("Cortex-A7", ["-mcpu=cortex-a7", "-mfpu=neon-vfpv4", "-mfloat-abi=hard", "-mthumb"], Linux, 0.5),
    ];

    /// <summary>True for a core that runs Linux.</summary>
    public bool IsLinux => Machine == Linux;

    /// <summary>The core of that name, in any case: <c>cortex-m0+</c> is <c>cortex-m0plus</c> too.</summary>
    /// <returns>Null when there is none.</returns>
    public static ProcessorCore? Find(string name) =>
        All.FirstOrDefault(c => string.Equals(c.Name, name.Replace("plus", "+", StringComparison.OrdinalIgnoreCase), StringComparison.OrdinalIgnoreCase));
}
