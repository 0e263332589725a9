using Kindling.Execution;
using Kindling.Graphs;

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
        var project = CGenerator.Generate(graph, Path.Combine(folder.Path, "c"), options);
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
            Macs = project.Graph.Macs,
            Inputs = inputs.Count,
            OutputsEqualHost = HostOutputs(project.Graph, inputs).Zip(simulation.Outputs).Count(pair => pair.First.AsSpan().SequenceEqual(pair.Second)),
            Layers = layers ? MeasureLayers(project, target, inputs[0]) : [],
            Sections = [.. image.Elf.Sections.Where(s => s.IsAllocated && s.Bytes > 0)],
            Compiler = Toolchain.Version(ToolKind.ArmCompiler),
            Emulator = Toolchain.Version(ToolKind.Emulator),
        };
    }

    private static List<LayerInstructions> MeasureLayers(GeneratedProject project, Target target, byte[] input)
    {
        using var folder = new TemporaryFolder();
        var image = CrossCompiler.Build(project, target, folder.Path, measureLayers: true);
        var counts = Simulator.Run(image, [input]).LayerInstructions;
        return [.. project.Graph.Nodes
            .Select((node, step) => new LayerInstructions(step, node.Operator.Kind, node.Name, $"{node.Output.Shape}", counts[step], node.Macs))
            .Where(layer => !project.Plan.SkippedNodes.Contains(project.Graph.Nodes[layer.Step]))];
    }

    private static List<byte[]> HostOutputs(Graph graph, IReadOnlyList<byte[]> inputs)
    {
        using var executor = Executor.Compile(graph);
        return [.. inputs.Select(input =>
        {
            input.CopyTo(executor.InputBytes());
            executor.Run();
            return executor.ValueBytes(executor.Graph.Outputs[0]).ToArray();
        })];
    }
}
