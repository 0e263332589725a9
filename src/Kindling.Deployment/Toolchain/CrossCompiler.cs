using Kindling.Deployment.Generation;

namespace Kindling.Deployment;

/// <summary>Compiles generated C with arm-none-eabi-gcc and links it with the measuring harness for QEMU.</summary>
public static class CrossCompiler
{
    private const int MostLines = 20;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);
    private static readonly string[] Strict = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"];

    /// <summary>Compiles and links a project into <c>image.elf</c>.</summary>
    /// <param name="project">The generated C.</param>
    /// <param name="target">The board.</param>
    /// <param name="folder">Where object files and image go.</param>
    /// <param name="optimization">The compiler's optimization flag; null takes the project's.</param>
    /// <param name="measureLayers">True lets the image count the instructions of each layer, which costs some itself.</param>
    /// <exception cref="ToolMissingException">The compiler is not installed.</exception>
    /// <exception cref="KindlingException">It reports an error, for instance a network too large for the simulated memory.</exception>
    public static FirmwareImage Build(GeneratedProject project, Target target, string folder, string? optimization = null, bool measureLayers = false)
    {
        ArgumentNullException.ThrowIfNull(project);
        ArgumentNullException.ThrowIfNull(target);
        var compiler = Toolchain.Require(ToolKind.ArmCompiler);
        var objects = Path.Combine(Path.GetFullPath(folder), "objects");
        Directory.CreateDirectory(objects);
        var machine = SimulatedMachine.Find(target.Machine);
        foreach (var file in new[] { "harness.c", "harness_layers.h", "link.ld" })
            File.WriteAllText(Path.Combine(objects, file), FirmwareFiles.Read($"simulator/{file}"));
        File.WriteAllText(Path.Combine(objects, "harness_model.h"), ModelHeader(project));
        File.WriteAllText(Path.Combine(objects, "memory.ld"), machine.LinkerMemory());

        var layers = measureLayers ? project.Graph.Nodes.Count : 0;
        string[] common =
        [
            .. target.CompilerFlags, .. machine.Definitions, optimization ?? project.CompilerOptimization, "-ffunction-sections", "-fdata-sections", $"-DMODEL_LAYERS={layers}",
            "-include", Path.Combine(objects, "harness_layers.h"), $"-I{project.SourceDirectory}",
        ];
        var files = project.Sources;
        Run(compiler, [.. Strict, .. common, "-c", .. files], objects);
        // The harness must not pull in library calls that would count as the network's code.
        Run(compiler, ["-std=gnu99", "-Wall", "-Werror", .. common, "-ffreestanding", "-fno-tree-loop-distribute-patterns", "-c", "harness.c"], objects);

        var image = Path.Combine(Path.GetFullPath(folder), "image.elf");
        Run(
            compiler,
            [
                .. target.CompilerFlags, "-nostartfiles", "--specs=nano.specs", "-Wl,--gc-sections", "-Wl,-T,link.ld", "-Wl,--no-warn-rwx-segments",
                "-o", image, "harness.o", .. files.Select(f => $"{Path.GetFileNameWithoutExtension(f)}.o"),
            ],
            objects);
        return new FirmwareImage(image, target, project, ElfImage.Read(image)) { MeasuredLayers = layers };
    }

    /// <summary>What the measuring harness needs to know of a project.</summary>
    internal static string ModelHeader(GeneratedProject project)
    {
        var (symbol, prefix) = (project.Symbol, project.Symbol.ToUpperInvariant());
        return $"""
            #include "network.h"
            #define MODEL_RUN {symbol}_run
            #define MODEL_INPUT {symbol}_input
            #define MODEL_ARENA {symbol}_arena
            #define MODEL_ARENA_BYTES {prefix}_ARENA_BYTES
            #define MODEL_INPUT_TYPE {NetworkWriter.CType(project.Graph.Inputs[0].Type)}
            #define MODEL_INPUT_ELEMENTS {prefix}_INPUT_ELEMENTS
            #define MODEL_OUTPUT_TYPE {NetworkWriter.CType(project.Graph.Outputs[0].Type)}
            #define MODEL_OUTPUT_ELEMENTS {prefix}_OUTPUT_ELEMENTS

            """;
    }

    private static void Run(string compiler, IEnumerable<string> arguments, string folder)
    {
        var result = ProcessRunner.Run(compiler, arguments, folder, Limit);
        if (result.ExitCode != 0)
            throw Explain(Path.GetFileName(compiler), result.Error);
    }

    /// <summary>What a failed compilation means.</summary>
    internal static KindlingException Explain(string compiler, string error)
    {
        // Debian packs the C library apart from the compiler.
        var isWithoutLibrary = error.Contains("nano.specs", StringComparison.Ordinal) || error.Contains("stdint.h: No such file", StringComparison.Ordinal)
            || error.Contains("string.h: No such file", StringComparison.Ordinal);
        if (isWithoutLibrary)
            return new ToolMissingException("newlib, the C library for Arm,", "libnewlib-arm-none-eabi");
        var lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return new KindlingException($"{compiler} failed: {string.Join(Environment.NewLine, lines.Take(MostLines))}");
    }
}
