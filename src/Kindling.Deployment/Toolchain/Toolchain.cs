namespace Kindling.Deployment;

/// <summary>Finds the programs on the PATH.</summary>
public static class Toolchain
{
    private static readonly Dictionary<ToolKind, (string[] Programs, string Package)> Known = new()
    {
        [ToolKind.ArmCompiler] = (["arm-none-eabi-gcc"], "gcc-arm-none-eabi libnewlib-arm-none-eabi"),
        [ToolKind.Emulator] = (["qemu-system-arm"], "qemu-system-arm"),
        [ToolKind.HostCompiler] = (["cc", "gcc", "clang"], "gcc libc6-dev"),
        [ToolKind.LinuxCompiler] = (["arm-linux-gnueabihf-gcc"], "gcc-arm-linux-gnueabihf libc6-dev-armhf-cross"),
        [ToolKind.LinuxEmulator] = (["qemu-arm"], "qemu-user"),
    };

    /// <summary>The path of a program; null when it is not installed.</summary>
    public static string? Find(ToolKind tool) => Find(tool, Environment.GetEnvironmentVariable("PATH") ?? "");

    /// <summary>The path of a program.</summary>
    /// <exception cref="ToolMissingException">It is not installed; the message names the Debian packages.</exception>
    public static string Require(ToolKind tool) => Find(tool) ?? throw Missing(tool);

    internal static string Require(ToolKind tool, string searchPath) => Find(tool, searchPath) ?? throw Missing(tool);

    private static string? Find(ToolKind tool, string searchPath)
    {
        var folders = searchPath.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return Known[tool].Programs
            .SelectMany(program => folders.Select(folder => Path.Combine(folder, program)))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>What is missing of the programs that <see cref="DeploymentBenchmark"/> needs for microcontrollers: empty when all are there.</summary>
    public static IReadOnlyList<ToolMissingException> MissingForBoards() => MissingOf(ToolKind.ArmCompiler, ToolKind.Emulator);

    /// <summary>What is missing of the programs that <see cref="DeploymentBenchmark"/> needs for a board: empty when all are there.</summary>
    public static IReadOnlyList<ToolMissingException> MissingFor(Target target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return target.IsLinux ? MissingOf(ToolKind.LinuxCompiler, ToolKind.LinuxEmulator, ToolKind.HostCompiler) : MissingForBoards();
    }

    private static List<ToolMissingException> MissingOf(params ToolKind[] tools) => [.. tools.Where(t => Find(t) is null).Select(Missing)];

    /// <summary>The first line a program prints about its version.</summary>
    /// <exception cref="ToolMissingException">It is not installed; the message names the Debian packages.</exception>
    public static string Version(ToolKind tool) =>
        ProcessRunner.Run(Require(tool), ["--version"], Path.GetTempPath(), TimeSpan.FromSeconds(20)).Output.Split('\n')[0].Trim();

    private static ToolMissingException Missing(ToolKind tool) => new(Known[tool].Programs[0], Known[tool].Package);
}
