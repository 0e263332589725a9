using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Numerics;

namespace Kindling.Deployment;

/// <summary>Generates C for a network, compiles it for a board, runs it in the simulator and compares with the host.</summary>
public static class DeploymentBenchmark
{
    /// <summary>Measures a network on a board.</summary>
    /// <param name="graph">An int8 graph.</param>
    /// <param name="target">The board.</param>
    /// <param name="inputs">Raw bytes of the network's input type; at least one.</param>
    /// <param name="options">How C is generated.</param>
    /// <param name="layers">True also counts the instructions of each layer, in an image of its own.</param>
    /// <exception cref="ToolMissingException">Compiler or simulator is not installed; the message names the package.</exception>
    /// <exception cref="KindlingException">The graph cannot be written as C, or the image does not build or run.</exception>
    public static BenchmarkResult Run(Graph graph, Target target, IReadOnlyList<byte[]> inputs, CGeneratorOptions? options = null, bool layers = false)
    {
        using var folder = new TemporaryFolder();
        var project = CGenerator.Generate(graph, Path.Combine(folder.Path, "c"), (options ?? new CGeneratorOptions()) with { Target = target });
        return Run(project, target, inputs, layers);
    }

    /// <summary>Measures C that was generated before.</summary>
    /// <param name="project">The generated C.</param>
    /// <param name="target">The board.</param>
    /// <param name="inputs">Raw bytes of the network's input type; at least one.</param>
    /// <param name="layers">True also counts the instructions of each layer, in an image of its own.</param>
    /// <exception cref="ToolMissingException">Compiler or simulator is not installed; the message names the package.</exception>
    /// <exception cref="KindlingException">The image does not build or run.</exception>
    public static BenchmarkResult Run(GeneratedProject project, Target target, IReadOnlyList<byte[]> inputs, bool layers = false)
    {
        ArgumentNullException.ThrowIfNull(project);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentOutOfRangeException.ThrowIfZero(inputs.Count);
        if (target.IsLinux)
            return RunLinux(project, target, inputs, layers);
        using var folder = new TemporaryFolder();
        var image = CrossCompiler.Build(project, target, folder.Path);
        var simulation = Simulator.Run(image, inputs);
        return new BenchmarkResult
        {
            Target = target,
            ActivationRamBytes = image.ArenaBytes,
            RuntimeRamBytes = image.StaticRamBytes + simulation.StackBytes,
            StackBytes = simulation.StackBytes,
            WeightsFlashBytes = image.WeightsFlashBytes,
            CodeFlashBytes = image.CodeFlashBytes,
            Instructions = simulation.Instructions.Max(),
            Macs = project.Graph.Macs - project.RecomputedMacs,
            RecomputedMacs = project.RecomputedMacs,
            Inputs = inputs.Count,
            OutputsEqualHost = CountEqual(HostOutputs(project.Graph, inputs), simulation.Outputs),
            Layers = layers ? MeasureLayers(project, target, inputs[0]) : [],
            Sections = [.. image.Elf.Sections.Where(s => s.IsAllocated && s.Bytes > 0)],
            Compiler = Toolchain.Version(ToolKind.ArmCompiler),
            Emulator = Toolchain.Version(ToolKind.Emulator),
        };
    }

    /// <summary>Measures a network on many boards; boards with the same core are simulated once.</summary>
    /// <param name="graph">An int8 graph.</param>
    /// <param name="targets">The boards.</param>
    /// <param name="inputs">Raw bytes of the network's input type; at least one.</param>
    /// <param name="options">How C is generated.</param>
    /// <returns>For each board what was measured, or why it was not: it is refused, or a tool is missing.</returns>
    /// <exception cref="KindlingException">The graph cannot be written as C, or an image does not build or run.</exception>
    public static IReadOnlyList<BoardOutcome> RunAll(Graph graph, IReadOnlyList<Target> targets, IReadOnlyList<byte[]> inputs, CGeneratorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(targets);
        var measured = new Dictionary<string, BoardOutcome>();
        return [.. targets.Select(target =>
        {
            if (target.Refusal is { } refusal)
                return new BoardOutcome(target, null, refusal);
            var core = string.Join(' ', [target.Machine, $"{target.Processors}", .. target.CompilerFlags]);
            if (!measured.TryGetValue(core, out var outcome))
                measured.Add(core, outcome = Measure(target));
            return outcome with { Target = target, Result = outcome.Result is { } result ? result with { Target = target } : null };
        })];

        BoardOutcome Measure(Target target)
        {
            try
            {
                return new BoardOutcome(target, Run(graph, target, inputs, options, layers: true), null);
            }
            catch (ToolMissingException e)
            {
                return new BoardOutcome(target, null, e.Message);
            }
        }
    }

    /// <summary>What the generated C of a network computes on a simulated board.</summary>
    /// <param name="graph">An int8 graph.</param>
    /// <param name="target">The board.</param>
    /// <param name="inputs">Raw bytes of the network's input type.</param>
    /// <returns>The raw bytes of each output.</returns>
    /// <exception cref="ToolMissingException">Compiler or simulator is not installed; the message names the package.</exception>
    /// <exception cref="KindlingException">The graph cannot be written as C, or the image does not build or run.</exception>
    public static IReadOnlyList<byte[]> Outputs(Graph graph, Target target, IReadOnlyList<byte[]> inputs)
    {
        ArgumentNullException.ThrowIfNull(target);
        using var folder = new TemporaryFolder();
        var project = CGenerator.Generate(graph, Path.Combine(folder.Path, "c"), new CGeneratorOptions { Target = target });
        return target.IsLinux
            ? LinuxSimulator.Run(LinuxCompiler.Build(project, target, folder.Path), inputs, target.Processors)
            : Simulator.Run(CrossCompiler.Build(project, target, folder.Path), inputs).Outputs;
    }

    // One thread is counted; two must give the same outputs.
    private static BenchmarkResult RunLinux(GeneratedProject project, Target target, IReadOnlyList<byte[]> inputs, bool layers)
    {
        using var folder = new TemporaryFolder();
        var program = LinuxCompiler.Build(project, target, folder.Path);
        var simulation = LinuxSimulator.Count(program, inputs);
        var host = HostOutputs(project.Graph, inputs);
        var onThreads = LinuxSimulator.Run(program, inputs, target.Processors);
        return new BenchmarkResult
        {
            Target = target,
            ActivationRamBytes = program.ArenaBytes,
            RuntimeRamBytes = program.StaticRamBytes + simulation.StackBytes,
            StackBytes = simulation.StackBytes,
            WeightsFlashBytes = program.WeightsFlashBytes,
            CodeFlashBytes = program.CodeFlashBytes,
            Instructions = simulation.Instructions.Max(),
            Macs = project.Graph.Macs,
            Inputs = inputs.Count,
            OutputsEqualHost = Math.Min(CountEqual(host, simulation.Outputs), CountEqual(host, onThreads)),
            Layers = layers
                ? Describe(project, LinuxSimulator.Count(LinuxCompiler.Build(project, target, folder.Path, measureLayers: true), [inputs[0]]).LayerInstructions)
                : [],
            Sections = [.. ElfImage.Read(program.Path).Sections.Where(s => s.IsAllocated && s.Bytes > 0)],
            Compiler = Toolchain.Version(ToolKind.LinuxCompiler),
            Emulator = Toolchain.Version(ToolKind.LinuxEmulator),
        };
    }

    private static int CountEqual(List<byte[]> expected, IReadOnlyList<byte[]> outputs) =>
        expected.Zip(outputs).Count(pair => pair.First.AsSpan().SequenceEqual(pair.Second));

    private static List<LayerInstructions> MeasureLayers(GeneratedProject project, Target target, byte[] input)
    {
        using var folder = new TemporaryFolder();
        var image = CrossCompiler.Build(project, target, folder.Path, measureLayers: true);
        return Describe(project, Simulator.Run(image, [input]).LayerInstructions);
    }

    private static List<LayerInstructions> Describe(GeneratedProject project, IReadOnlyList<long> counts) =>
        [.. project.Graph.Nodes
            .Select((node, step) => new LayerInstructions(step, node.Operator.Kind, node.Name, $"{node.Output.Shape}", counts[step], node.Macs))
            .Where(layer => !project.Plan.SkippedNodes.Contains(project.Graph.Nodes[layer.Step]))];

    private static List<byte[]> HostOutputs(Graph graph, IReadOnlyList<byte[]> inputs)
    {
        using var executor = Executor.Compile(graph, new ExecutorOptions { Arithmetic = Int8Arithmetic.TfliteMicro });
        return [.. inputs.Select(input =>
        {
            input.CopyTo(executor.InputBytes());
            executor.Run();
            return executor.ValueBytes(executor.Graph.Outputs[0]).ToArray();
        })];
    }
}
