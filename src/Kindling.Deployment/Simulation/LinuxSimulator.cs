using System.Buffers.Binary;
using System.Globalization;
using Kindling.Deployment.Generation;

namespace Kindling.Deployment;

/// <summary>Runs a program for Linux on Arm under qemu-arm, where a plugin can count its instructions.</summary>
internal static class LinuxSimulator
{
    private const int RunBegins = 0;
    private const int RunEnds = 1;
    private const int FirstLayer = 2;
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(1);

    /// <summary>Runs the program on inputs on one thread and counts instructions.</summary>
    /// <exception cref="ToolMissingException">qemu-arm, or this machine's C compiler for the plugin, is not installed.</exception>
    /// <exception cref="KindlingException">An input has the wrong size, the program stopped, or took too long.</exception>
    public static SimulationResult Count(LinuxProgram program, IReadOnlyList<byte[]> inputs)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "count_instructions.c"), FirmwareFiles.Read("simulator/count_instructions.c"));
        var built = ProcessRunner.Run(
            Toolchain.Require(ToolKind.HostCompiler), ["-shared", "-fPIC", "-O1", "-o", "count_instructions.so", "count_instructions.c"], folder.Path, BuildLimit);
        if (built.ExitCode != 0)
            throw CrossCompiler.Explain("cc", built.Error);
        var (outputs, stack, log) = Run(program, inputs, 1, folder.Path, ["-plugin", Path.Combine(folder.Path, "count_instructions.so")]);
        var (instructions, layers) = Parse(log, program.MeasuredLayers);
        return instructions.Count == inputs.Count
            ? new SimulationResult(outputs, instructions, stack, layers)
            : throw new KindlingException($"the counter of qemu-arm saw {instructions.Count} runs of {inputs.Count}: {log.Trim()}");
    }

    /// <summary>The outputs for inputs on some threads.</summary>
    /// <exception cref="ToolMissingException">qemu-arm is not installed.</exception>
    /// <exception cref="KindlingException">An input has the wrong size, the program stopped, or took too long.</exception>
    public static IReadOnlyList<byte[]> Run(LinuxProgram program, IReadOnlyList<byte[]> inputs, int threads)
    {
        using var folder = new TemporaryFolder();
        return Run(program, inputs, threads, folder.Path, []).Outputs;
    }

    private static (List<byte[]> Outputs, long Stack, string Log) Run(
        LinuxProgram program, IReadOnlyList<byte[]> inputs, int threads, string folder, IReadOnlyList<string> options)
    {
        program.Project.WriteInputs(Path.Combine(folder, "inputs.bin"), inputs);

        var result = ProcessRunner.Run(
            Toolchain.Require(ToolKind.LinuxEmulator), [.. options, program.Path, threads.ToString(CultureInfo.InvariantCulture)], folder, TimeSpan.FromSeconds(120 + (5 * inputs.Count)));
        if (result.ExitCode != 0)
            throw new KindlingException($"the program stopped with code {result.ExitCode} under qemu-arm {result.Error.Trim()}");
        var records = File.ReadAllBytes(Path.Combine(folder, "outputs.bin"));
        var recordBytes = sizeof(uint) + program.Project.OutputBytes;
        if (records.Length != (long)inputs.Count * recordBytes)
            throw new KindlingException($"the program wrote {records.Length} bytes for {inputs.Count} inputs instead of {(long)inputs.Count * recordBytes}");
        var parts = records.Chunk(recordBytes).ToList();
        return ([.. parts.Select(p => p[sizeof(uint)..])], parts.Max(p => (long)BinaryPrimitives.ReadUInt32LittleEndian(p)), result.Error);
    }

    // Lines of the plugin: "mark PLACE COUNT".
    private static (List<long> Instructions, List<long> Layers) Parse(string log, int measuredLayers)
    {
        var (instructions, layers) = (new List<long>(), new long[measuredLayers]);
        long begin = 0, last = 0;
        foreach (var words in log.Split('\n').Select(l => l.Split(' ')).Where(w => w is ["mark", _, _]))
        {
            var (place, count) = (int.Parse(words[1], CultureInfo.InvariantCulture), long.Parse(words[2], CultureInfo.InvariantCulture));
            if (place == RunBegins)
                begin = count;
            else if (place == RunEnds)
                instructions.Add(count - begin);
            else if (place - FirstLayer < measuredLayers && instructions.Count == 0)
                layers[place - FirstLayer] += count - last;
            last = count;
        }

        return (instructions, [.. layers]);
    }
}
