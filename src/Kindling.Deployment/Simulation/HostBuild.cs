using System.Text;

namespace Kindling.Deployment;

/// <summary>Compiles generated C with this machine's compiler and runs it, to compare its outputs with the host's own kernels.</summary>
public static class HostBuild
{
    /// <summary>Compiles a project and gives the raw bytes of its output for each input.</summary>
    /// <param name="project">The generated C.</param>
    /// <param name="inputs">Raw bytes, each as long as the network's input.</param>
    /// <exception cref="ToolMissingException">There is no C compiler.</exception>
    /// <exception cref="KindlingException">An input has the wrong size, or the C does not compile or run.</exception>
    public static IReadOnlyList<byte[]> Run(GeneratedProject project, IReadOnlyList<byte[]> inputs)
    {
        ArgumentNullException.ThrowIfNull(project);
        ArgumentNullException.ThrowIfNull(inputs);
        var compiler = Toolchain.Require(ToolKind.HostCompiler);
        using var folder = new TemporaryFolder();
        project.WriteInputs(Path.Combine(folder.Path, "inputs.bin"), inputs);

        File.WriteAllText(Path.Combine(folder.Path, "main.c"), Main(project, inputs.Count));
        Require(ProcessRunner.Run(
            compiler,
            [
                "-std=c99", "-O2", $"-I{project.SourceDirectory}", "-o", "program", "main.c", .. project.Sources,
            ],
            folder.Path, TimeSpan.FromMinutes(10)), "the generated C does not compile");
        Require(ProcessRunner.Run(Path.Combine(folder.Path, "program"), [], folder.Path, TimeSpan.FromSeconds(120 + inputs.Count)), "the generated C stopped");
        var bytes = File.ReadAllBytes(Path.Combine(folder.Path, "outputs.bin"));
        return bytes.Length == (long)inputs.Count * project.OutputBytes
            ? [.. bytes.Chunk(project.OutputBytes)]
            : throw new KindlingException($"the generated C wrote {bytes.Length} bytes for {inputs.Count} inputs instead of {(long)inputs.Count * project.OutputBytes}");
    }

    private static void Require(ProcessResult result, string problem)
    {
        if (result.ExitCode != 0)
            throw new KindlingException($"{problem} (code {result.ExitCode}): {result.Error.Trim()}");
    }

    private static string Main(GeneratedProject project, int count) => new StringBuilder()
        .Append("#include <stdint.h>\n#include <stdio.h>\n#include \"network.h\"\n")
        .Append($"static union {{ double aligned; uint8_t bytes[{project.InputBytes}]; }} input;\n")
        .Append($"static union {{ double aligned; uint8_t bytes[{project.OutputBytes}]; }} output;\n")
        .Append("int main(void)\n{\n    FILE *in = fopen(\"inputs.bin\", \"rb\"), *out = fopen(\"outputs.bin\", \"wb\");\n")
        .Append("    if (in == NULL || out == NULL)\n        return 1;\n")
        .Append($"    for (int i = 0; i < {count}; i++) {{\n")
        .Append("        if (fread(input.bytes, 1, sizeof input.bytes, in) != sizeof input.bytes)\n            return 2;\n")
        .Append($"        {project.Symbol}_run((const void *)input.bytes, (void *)output.bytes);\n")
        .Append("        if (fwrite(output.bytes, 1, sizeof output.bytes, out) != sizeof output.bytes)\n            return 3;\n")
        .Append("    }\n    return fclose(out) != 0;\n}\n").ToString();
}
