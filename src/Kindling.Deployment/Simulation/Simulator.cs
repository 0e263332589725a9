using System.Buffers.Binary;

namespace Kindling.Deployment;

/// <summary>Runs a linked image in QEMU, which executes one instruction in each nanosecond of its own time, so that counts repeat exactly.</summary>
public static class Simulator
{
    private const int RecordHeaderBytes = 8;

    /// <summary>Runs the image on inputs.</summary>
    /// <param name="image">The image.</param>
    /// <param name="inputs">Raw bytes, each as long as the network's input.</param>
    /// <param name="limit">QEMU is stopped after this time; null allows two minutes and five seconds an input.</param>
    /// <exception cref="ToolMissingException">QEMU is not installed.</exception>
    /// <exception cref="KindlingException">An input has the wrong size, the image faulted, or the time is up.</exception>
    public static SimulationResult Run(FirmwareImage image, IReadOnlyList<byte[]> inputs, TimeSpan? limit = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(inputs);
        var emulator = Toolchain.Require(ToolKind.Emulator);
        using var folder = new TemporaryFolder();
        image.Project.WriteInputs(Path.Combine(folder.Path, "inputs.bin"), inputs);

        var result = ProcessRunner.Run(
            emulator,
            [
                "-M", image.Target.Machine, "-nographic", "-monitor", "none", "-serial", "null",
                "-semihosting-config", "enable=on,target=native", "-icount", "shift=0", "-kernel", Path.GetFullPath(image.Path),
            ],
            folder.Path,
            limit ?? TimeSpan.FromSeconds(120 + (5 * inputs.Count)));
        if (result.ExitCode != 0)
            throw new KindlingException($"the simulated {image.Target.Core} stopped with code {result.ExitCode} (2: file, 3: fault) {result.Error.Trim()}");
        return Parse(File.ReadAllBytes(Path.Combine(folder.Path, "outputs.bin")), inputs.Count, image);
    }

    private static SimulationResult Parse(ReadOnlySpan<byte> records, int count, FirmwareImage image)
    {
        var perTick = SimulatedMachine.Find(image.Target.Machine).InstructionsPerTick;
        var headerBytes = RecordHeaderBytes + (sizeof(uint) * image.MeasuredLayers);
        var recordBytes = headerBytes + image.Project.OutputBytes;
        if (records.Length != (long)count * recordBytes)
            throw new KindlingException($"the simulated board wrote {records.Length} bytes for {count} inputs instead of {(long)count * recordBytes}");
        var outputs = new List<byte[]>(count);
        var instructions = new List<long>(count);
        long stack = 0;
        for (var i = 0; i < count; i++)
        {
            var record = records.Slice(i * recordBytes, recordBytes);
            instructions.Add(Instructions(record));
            stack = Math.Max(stack, BinaryPrimitives.ReadUInt32LittleEndian(record[4..]));
            outputs.Add(record[headerBytes..].ToArray());
        }

        var layers = new List<long>(image.MeasuredLayers);
        for (var i = 0; i < image.MeasuredLayers; i++)
            layers.Add(Instructions(records[(RecordHeaderBytes + (sizeof(uint) * i))..]));
        return new SimulationResult(outputs, instructions, stack, layers);

        long Instructions(ReadOnlySpan<byte> ticks) => (long)(BinaryPrimitives.ReadUInt32LittleEndian(ticks) * perTick);
    }
}
