namespace Kindling.Deployment.Tests;

/// <summary>Compiles many networks into one image, runs it on a simulated board and gives every network's output.</summary>
internal static class BoardProgram
{
    /// <summary>Runs each network on its input.</summary>
    /// <param name="networks">Generated projects with different symbols, each with its input.</param>
    /// <param name="target">The board.</param>
    /// <param name="folder">Where to work; the projects lie in it.</param>
    public static List<byte[]> Run(IReadOnlyList<(GeneratedProject Project, byte[] Input)> networks, Target target, string folder)
    {
        var objects = Directory.CreateDirectory(Path.Combine(folder, target.Name)).FullName;
        WriteCases(networks, objects);

        var sources = new List<string> { "cases.c" };
        foreach (var project in networks.Select(n => n.Project))
        {
            File.WriteAllText(
                Path.Combine(objects, $"{project.Symbol}.c"),
                $"#include \"{project.SourceDirectory}/network.c\"\n#include \"{project.SourceDirectory}/network_weights.c\"\n{(project.HasRowsOfInput ? $"#include \"{project.SourceDirectory}/network_image.c\"\n" : "")}");
            sources.Add($"{project.Symbol}.c");
        }

        var kernels = networks.SelectMany(n => HostProgram.Kernels(n.Project)).DistinctBy(Path.GetFileName);
        File.WriteAllBytes(Path.Combine(objects, "inputs.bin"), [.. networks.SelectMany(n => n.Input)]);
        BuildAndRun(target, objects, [.. sources, .. kernels], folder);

        var bytes = File.ReadAllBytes(Path.Combine(objects, "outputs.bin")).AsSpan(8);
        var outputs = new List<byte[]>();
        foreach (var (project, _) in networks)
        {
            outputs.Add(bytes[..project.OutputBytes].ToArray());
            bytes = bytes[project.OutputBytes..];
        }

        return outputs;
    }

    /// <summary>Builds sources with the measuring harness and runs the image, which reads "inputs.bin" and writes "outputs.bin".</summary>
    public static void BuildAndRun(Target target, string objects, IReadOnlyList<string> sources, string includes)
    {
        var machine = SimulatedMachine.Find(target.Machine);
        foreach (var file in new[] { "harness.c", "harness_layers.h", "link.ld" })
            File.WriteAllText(Path.Combine(objects, file), Generation.FirmwareFiles.Read($"simulator/{file}"));
        File.WriteAllText(Path.Combine(objects, "memory.ld"), machine.LinkerMemory());
        var compiler = Toolchain.Require(ToolKind.ArmCompiler);
        string[] common = [.. target.CompilerFlags, .. machine.Definitions, "-O2", "-ffunction-sections", "-DMODEL_LAYERS=0", $"-I{includes}"];
        Check(compiler, [.. HostProgram.Strict, .. common, "-c", .. sources], objects);
        Check(compiler, [.. common, "-ffreestanding", "-fno-tree-loop-distribute-patterns", "-c", "harness.c"], objects);
        Check(
            compiler,
            [
                .. target.CompilerFlags, "-nostartfiles", "--specs=nano.specs", "-Wl,--gc-sections", "-Wl,-T,link.ld", "-Wl,--no-warn-rwx-segments", "-o", "image.elf",
                .. Directory.GetFiles(objects, "*.o").Select(f => Path.GetFileName(f)),
            ],
            objects);
        Check(
            Toolchain.Require(ToolKind.Emulator),
            [
                "-M", target.Machine, "-nographic", "-monitor", "none", "-serial", "null", "-semihosting-config", "enable=on,target=native", "-icount", "shift=0",
                "-kernel", "image.elf",
            ],
            objects);
    }

    // To the harness all networks are one, which takes all inputs and gives all outputs, one behind the other.
    private static void WriteCases(IReadOnlyList<(GeneratedProject Project, byte[] Input)> networks, string objects)
    {
        var (inputs, outputs) = (networks.Sum(n => n.Project.InputBytes), networks.Sum(n => n.Project.OutputBytes));
        File.WriteAllText(Path.Combine(objects, "harness_model.h"), $"""
            #include <stdint.h>
            #define MODEL_RUN cases_run
            #define MODEL_INPUT() cases_input
            #define MODEL_ARENA cases_arena
            #define MODEL_ARENA_BYTES 4
            #define MODEL_INPUT_TYPE uint8_t
            #define MODEL_INPUT_ELEMENTS {inputs}
            #define MODEL_OUTPUT_TYPE uint8_t
            #define MODEL_OUTPUT_ELEMENTS {outputs}
            extern uint8_t cases_input[MODEL_INPUT_ELEMENTS];
            extern int8_t cases_arena[MODEL_ARENA_BYTES];
            void cases_run(const uint8_t *input, uint8_t *output);

            """);
        var text = new StringWriter();
        text.WriteLine("#include <string.h>\n#include \"harness_model.h\"\nuint8_t cases_input[MODEL_INPUT_ELEMENTS];\nint8_t cases_arena[MODEL_ARENA_BYTES];");
        text.WriteLine($"static float buffer[{networks.Max(n => n.Project.OutputBytes) / 4 + 1}];");
        foreach (var (project, _) in networks)
            text.WriteLine($"#include \"{project.SourceDirectory}/network.h\"");
        text.WriteLine("void cases_run(const uint8_t *input, uint8_t *output) {");
        foreach (var (project, _) in networks)
        {
            text.WriteLine($"    memset({project.Symbol}_arena, 0x5A, sizeof {project.Symbol}_arena);");
            text.WriteLine($"    memcpy({project.Symbol}_input(), input, {project.InputBytes});");
            text.WriteLine($"    {project.Symbol}_run({project.Symbol}_input(), (void *)buffer);");
            text.WriteLine($"    memcpy(output, buffer, {project.OutputBytes});\n    input += {project.InputBytes};\n    output += {project.OutputBytes};");
        }

        text.WriteLine("}");
        File.WriteAllText(Path.Combine(objects, "cases.c"), text.ToString());
    }

    private static void Check(string program, IReadOnlyList<string> arguments, string folder)
    {
        var result = ProcessRunner.Run(program, arguments, folder, TimeSpan.FromMinutes(5));
        Assert.True(result.ExitCode == 0, result.Error);
    }
}
