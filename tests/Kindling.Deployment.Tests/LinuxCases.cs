namespace Kindling.Deployment.Tests;

/// <summary>Compiles many networks into one Linux program for a Cortex-A7 and runs it under qemu-arm.</summary>
internal sealed class LinuxCases
{
    private readonly IReadOnlyList<(GeneratedProject Project, byte[] Input)> _networks;
    private readonly string _folder;

    /// <summary>Compiles the program.</summary>
    /// <param name="networks">Projects generated for Linux, with different symbols, each with its input.</param>
    /// <param name="folder">Where to work.</param>
    /// <param name="flags">More flags for the compiler.</param>
    public LinuxCases(IReadOnlyList<(GeneratedProject Project, byte[] Input)> networks, string folder, params string[] flags)
    {
        (_networks, _folder) = (networks, Directory.CreateDirectory(Path.Combine(folder, "linux")).FullName);
        File.WriteAllText(Path.Combine(_folder, "main.c"), Main());
        var units = networks.Select(n =>
        {
            var unit = Path.Combine(_folder, $"{n.Project.Symbol}.c");
            File.WriteAllText(
                unit, $"#include \"kindling_threads.h\"\n#include \"{n.Project.SourceDirectory}/network.c\"\n#include \"{n.Project.SourceDirectory}/network_weights.c\"\n");
            return unit;
        });
        var threads = Path.Combine(networks[0].Project.Directory, "linux");
        string[] sources =
        [
            "main.c", .. units, Path.Combine(threads, "kindling_threads.c"), .. networks.SelectMany(n => HostProgram.Kernels(n.Project)).DistinctBy(Path.GetFileName),
        ];
        Check(
            Toolchain.Require(ToolKind.LinuxCompiler),
            [
                .. HostProgram.Strict, .. Targets.Find("stm32mp1").CompilerFlags, "-O2", .. flags, $"-I{threads}", $"-I{networks[0].Project.SourceDirectory}",
                $"-DKINDLING_SCRATCH_BYTES={networks.Max(n => n.Project.ScratchBytes)}", "-static", "-pthread", "-o", "program", .. sources,
            ]);
    }

    /// <summary>Skips the running test, saying what is missing, when compiler or simulator are not installed.</summary>
    public static void Require()
    {
        if (Toolchain.MissingFor(Targets.Find("stm32mp1")) is [var missing, ..])
            Assert.Skip(missing.Message);
    }

    /// <summary>Every network's output, and how many threads the process had at the end.</summary>
    public (List<byte[]> Outputs, int ProcessThreads) Run(int threads)
    {
        File.WriteAllBytes(Path.Combine(_folder, "inputs.bin"), [.. _networks.SelectMany(n => n.Input)]);
        Check(Toolchain.Require(ToolKind.LinuxEmulator), ["./program", $"{threads}"]);
        var bytes = File.ReadAllBytes(Path.Combine(_folder, "outputs.bin")).AsSpan();
        var outputs = new List<byte[]>();
        foreach (var (project, _) in _networks)
        {
            outputs.Add(bytes[..project.OutputBytes].ToArray());
            bytes = bytes[project.OutputBytes..];
        }

        return (outputs, bytes[0]);
    }

    private string Main()
    {
        var text = new StringWriter();
        text.WriteLine("#include <dirent.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include \"kindling_threads.h\"");
        text.WriteLine($"static union {{ double aligned; uint8_t bytes[{_networks.Max(n => n.Project.OutputBytes)}]; }} output;");
        foreach (var (project, _) in _networks)
            text.WriteLine($"#include \"{project.SourceDirectory}/network.h\"");
        text.WriteLine("int main(int argc, char **argv)\n{\n    FILE *in = fopen(\"inputs.bin\", \"rb\"), *out = fopen(\"outputs.bin\", \"wb\");\n    unsigned char tasks = 0;\n    DIR *folder;");
        text.WriteLine("    if (argc < 2 || in == NULL || out == NULL)\n        return 1;\n    kindling_set_threads(atoi(argv[1]));");
        foreach (var (project, _) in _networks)
        {
            text.WriteLine($"    memset({project.Symbol}_arena, 0x5A, sizeof {project.Symbol}_arena);");
            text.WriteLine($"    if (fread({project.Symbol}_input(), 1, {project.InputBytes}, in) != {project.InputBytes})\n        return 2;");
            text.WriteLine($"    {project.Symbol}_run({project.Symbol}_input(), (void *)&output);\n    fwrite(&output, 1, {project.OutputBytes}, out);");
        }

        // Also the simulator's own threads are counted; they are as many in every run.
        text.WriteLine("    folder = opendir(\"/proc/self/task\");\n    while (folder != NULL && readdir(folder) != NULL)\n        tasks++;");
        text.WriteLine("    fwrite(&tasks, 1, 1, out);\n    return fclose(out) != 0;\n}");
        return text.ToString();
    }

    private void Check(string program, IReadOnlyList<string> arguments)
    {
        var result = ProcessRunner.Run(program, arguments, _folder, TimeSpan.FromMinutes(5));
        Assert.True(result.ExitCode == 0, $"exit code {result.ExitCode}: {result.Error}");
    }
}
