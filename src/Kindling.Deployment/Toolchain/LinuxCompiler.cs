using Kindling.Deployment.Generation;

namespace Kindling.Deployment;

/// <summary>Compiles generated C with arm-linux-gnueabihf-gcc and links it, its threads and the measuring harness into a program for qemu-arm.</summary>
internal static class LinuxCompiler
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);
    private static readonly string[] Strict = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"];

    /// <summary>Compiles and links a project.</summary>
    /// <param name="project">C that was generated for a board with Linux.</param>
    /// <param name="target">The board.</param>
    /// <param name="folder">Where object files and program go.</param>
    /// <param name="measureLayers">True lets the program say where each layer ends.</param>
    /// <exception cref="ToolMissingException">The compiler or its C library is not installed.</exception>
    /// <exception cref="KindlingException">The C was not generated for Linux, or the compiler reports an error.</exception>
    public static LinuxProgram Build(GeneratedProject project, Target target, string folder, bool measureLayers = false)
    {
        if (!project.Files.Contains("linux/kindling_threads.c"))
            throw new KindlingException($"{project.Directory} was not generated for Linux, which {target.Board} runs; generate it for that target");
        var compiler = Toolchain.Require(ToolKind.LinuxCompiler);
        var objects = Directory.CreateDirectory(Path.Combine(Path.GetFullPath(folder), measureLayers ? "layers" : "objects")).FullName;
        foreach (var file in new[] { "harness_linux.c", "harness_layers.h" })
            File.WriteAllText(Path.Combine(objects, file), FirmwareFiles.Read($"simulator/{file}"));
        File.WriteAllText(Path.Combine(objects, "harness_model.h"), CrossCompiler.ModelHeader(project));
        var threads = Path.Combine(Path.GetFullPath(project.Directory), "linux");
        string[] common =
        [
            .. target.CompilerFlags, project.CompilerOptimization, "-ffunction-sections", "-fdata-sections", $"-DMODEL_LAYERS={(measureLayers ? project.Graph.Nodes.Count : 0)}",
            $"-DKINDLING_SCRATCH_BYTES={project.ScratchBytes}", $"-I{project.SourceDirectory}", $"-I{threads}", $"-I{objects}",
        ];
        var network = project.Sources.Single(f => Path.GetFileName(f) == "network.c");
        var others = project.Sources.Where(f => f != network).Append(Path.Combine(threads, "kindling_threads.c")).ToList();
        Run(compiler, [.. Strict, .. common, "-include", "harness_layers.h", "-include", "kindling_threads.h", "-c", network], objects);
        Run(compiler, [.. Strict, .. common, "-c", .. others], objects);
        Run(compiler, ["-std=gnu99", "-Wall", "-Werror", .. common, "-c", "harness_linux.c"], objects);
        List<string> linked = [.. others.Append(network).Select(f => Path.ChangeExtension(Path.GetFileName(f), ".o"))];
        var program = Path.Combine(objects, "program");
        Run(compiler, [.. target.CompilerFlags, "-static", "-pthread", "-Wl,--gc-sections", "-o", program, "harness_linux.o", .. linked], objects);
        var sections = linked.SelectMany(f => ElfImage.Read(Path.Combine(objects, f)).Sections.Where(s => s.IsAllocated && s.Bytes > 0).Select(s => (File: f, Section: s))).ToList();
        return new LinuxProgram(program, project, measureLayers ? project.Graph.Nodes.Count : 0)
        {
            ArenaBytes = Sum(s => s.Section.IsWritable && s.File == "network.o" && s.Section.Name == $".bss.{project.Symbol}_arena"),
            StaticRamBytes = Sum(s => s.Section.IsWritable && !(s.File == "network.o" && s.Section.Name == $".bss.{project.Symbol}_arena")),
            WeightsFlashBytes = Sum(s => !s.Section.IsWritable && s.File == "network_weights.o"),
            CodeFlashBytes = Sum(s => !s.Section.IsWritable && s.File != "network_weights.o"),
        };

        long Sum(Func<(string File, ElfSection Section), bool> which) => sections.Where(which).Sum(s => (long)s.Section.Bytes);
    }

    private static void Run(string compiler, IEnumerable<string> arguments, string folder)
    {
        var result = ProcessRunner.Run(compiler, arguments, folder, Limit);
        if (result.ExitCode == 0)
            return;
        var isWithoutLibrary = result.Error.Contains("stdint.h: No such file", StringComparison.Ordinal) || result.Error.Contains("stdio.h: No such file", StringComparison.Ordinal)
            || result.Error.Contains("crt1.o", StringComparison.Ordinal);
        throw isWithoutLibrary
            ? new ToolMissingException("the C library for Linux on Arm", "libc6-dev-armhf-cross")
            : CrossCompiler.Explain(Path.GetFileName(compiler), result.Error);
    }
}
