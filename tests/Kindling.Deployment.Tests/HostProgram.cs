namespace Kindling.Deployment.Tests;

/// <summary>Compiles generated C with this machine's compiler and runs it on inputs.</summary>
internal static class HostProgram
{
    /// <summary>Flags under which generated C must not give a single warning.</summary>
    public static readonly string[] Strict = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"];

    /// <summary>Flags that turn undefined behaviour and stray accesses into failures.</summary>
    public static readonly string[] Sanitized = ["-O1", "-g", "-fsanitize=undefined,address", "-fno-sanitize-recover=all"];

    /// <summary>Skips the running test when there is no C compiler.</summary>
    public static string RequireCompiler()
    {
        var compiler = Toolchain.Find(ToolKind.HostCompiler);
        if (compiler is null)
            Assert.Skip("no C compiler on the PATH");
        return compiler;
    }

    /// <summary>The kernels of a project; several projects share them by their names.</summary>
    public static IEnumerable<string> Kernels(GeneratedProject project) =>
        project.Sources.Where(f => Path.GetFileName(Path.GetDirectoryName(f)) == "kernels");

    /// <summary>Builds one program of several networks and gives each network's outputs for its inputs.</summary>
    /// <param name="networks">Generated projects with different symbols, each with its inputs.</param>
    /// <param name="folder">Where to work.</param>
    /// <param name="poison">What the arenas are filled with before each run.</param>
    /// <param name="flags">More flags for the compiler.</param>
    public static List<byte[]> Run(
        IReadOnlyList<(GeneratedProject Project, byte[] Input)> networks, string folder, byte poison, params string[] flags)
    {
        var compiler = RequireCompiler();
        var main = new StringWriter();
        main.WriteLine("#include <stdint.h>\n#include <stdio.h>\n#include <string.h>\nstatic uint8_t input[1 << 20], output[1 << 16];");
        var projects = networks.Select(n => n.Project).DistinctBy(p => p.Symbol).ToList();
        foreach (var project in projects)
        {
            main.WriteLine($"#include \"{project.SourceDirectory}/network.h\"");
            main.WriteLine($"static int run_{project.Symbol}(FILE *in, FILE *out) {{");
            main.WriteLine($"    memset({project.Symbol}_arena, {poison}, sizeof {project.Symbol}_arena);");
            main.WriteLine($"    if (fread(input, 1, {project.InputBytes}, in) != {project.InputBytes}) return 1;");
            main.WriteLine($"    {project.Symbol}_run((const void *)input, (void *)output);");
            main.WriteLine($"    return fwrite(output, 1, {project.OutputBytes}, out) != {project.OutputBytes};\n}}");
        }

        main.WriteLine("int main(void) {\n    FILE *in = fopen(\"inputs.bin\", \"rb\"), *out = fopen(\"outputs.bin\", \"wb\");");
        main.WriteLine("    int bad = in == NULL || out == NULL;");
        foreach (var (project, _) in networks)
            main.WriteLine($"    bad = bad || run_{project.Symbol}(in, out);");
        main.WriteLine("    return bad || fclose(out) != 0;\n}");
        File.WriteAllText(Path.Combine(folder, "main.c"), main.ToString());
        File.WriteAllBytes(Path.Combine(folder, "inputs.bin"), [.. networks.SelectMany(n => n.Input)]);

        var kernels = projects.SelectMany(Kernels).DistinctBy(Path.GetFileName);
        // One translation unit a network: starting the compiler is most of its time.
        var sources = projects.Select(p =>
        {
            var unit = Path.Combine(folder, $"{p.Symbol}_unit.c");
            File.WriteAllText(unit, $"#include \"{p.SourceDirectory}/network.c\"\n#include \"{p.SourceDirectory}/network_weights.c\"\n{(p.HasRowsOfInput ? $"#include \"{p.SourceDirectory}/network_image.c\"\n" : "")}");
            return unit;
        });
        var compiled = ProcessRunner.Run(
            compiler,
            [.. Strict, .. flags, "-o", "program", "main.c", .. sources, .. kernels],
            folder, TimeSpan.FromMinutes(5));
        Assert.True(compiled.ExitCode == 0, compiled.Error);
        var ran = ProcessRunner.Run(Path.Combine(folder, "program"), [], folder, TimeSpan.FromMinutes(5));
        Assert.True(ran.ExitCode == 0, $"exit code {ran.ExitCode}: {ran.Error}");
        var bytes = File.ReadAllBytes(Path.Combine(folder, "outputs.bin")).AsSpan();
        var outputs = new List<byte[]>();
        foreach (var (project, _) in networks)
        {
            outputs.Add(bytes[..project.OutputBytes].ToArray());
            bytes = bytes[project.OutputBytes..];
        }

        return outputs;
    }
}
