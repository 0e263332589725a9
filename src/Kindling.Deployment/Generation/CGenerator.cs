using Kindling.Deployment.Generation;
using Kindling.Deployment.Generation.Memory;
using Kindling.Graphs;
using Kindling.Graphs.Passes;
using Kindling.Tensors;

namespace Kindling.Deployment;

/// <summary>
/// Writes an int8 graph as plain C99: a flat list of kernel calls over one static arena, weights in constant arrays, and only the kernels
/// used. The result depends on nothing but the graph and the options, and equals the host's int8 executor to the bit.
/// </summary>
public static class CGenerator
{
    private const string DefaultTarget = "stm32h7";
    private const int LongestName = 80;

    /// <summary>Generates a folder with library, examples, self-test, README, and what CMake, Arduino, PlatformIO and Zephyr need to build it.</summary>
    /// <param name="graph">An int8 graph with one input (uint8, int8 or float32) and one output (float32, int8 or uint8).</param>
    /// <param name="outputDirectory">A new or empty folder, or one written by this method before.</param>
    /// <param name="options">How; null takes the defaults.</param>
    /// <exception cref="KindlingException">An operator has no C kernel (the message names the node and the operator), the graph is not quantized,
    /// or the folder holds files of somebody else.</exception>
    public static GeneratedProject Generate(Graph graph, string outputDirectory, CGeneratorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentException.ThrowIfNullOrEmpty(outputDirectory);
        options ??= new CGeneratorOptions();
        ProjectFolder.Check(outputDirectory);
        var network = Passes.ForInference(graph);
        CheckEnds(network);
        var plan = NetworkPlan.Create(network, options);
        var symbol = $"kindling_{CText.Identifier(options.ModelName ?? network.Name)}";
        var source = Emit(new NetworkSource(symbol, plan.Graph, plan.Memory, plan.Layouts), plan);

        var frame = FrameFormat.Of(network, out var frameRefusal);
        var project = new GeneratedProject
        {
            Directory = outputDirectory,
            Symbol = symbol,
            Files = [],
            Graph = plan.Graph,
            Plan = plan.Memory,
            Optimize = options.Optimize,
            Target = options.Target ?? Targets.Find(DefaultTarget),
            FrameRefusal = frameRefusal,
            HasRowsOfInput = plan.HasRowsOfInput,
            RecomputedMacs = Recompute.Macs(plan.Graph),
            WeightBytes = source.WeightBytes,
            BiasBytes = source.BiasBytes,
            RequantizationBytes = source.RequantizationBytes,
            TableBytes = source.TableBytes,
            ScratchBytes = plan.Graph.Nodes.Max(plan.Layouts.ScratchBytes),
        };
        using var host = new HostRun(network);
        var example = new ExampleWriter(project, frame, options.ExamplePixels, host);
        project = project with { ExampleAnswer = example.Answer };
        var files = ProjectFiles.Write(project, source, frame, example, SelfTestWriter.Write(project, options.SelfTestInput, host));
        if (options.DrawMemoryPlan is { } draw)
            files["memory_plan.svg"] = draw(project);
        ProjectFolder.Write(outputDirectory, files);
        return project with { Files = [.. files.Keys] };
    }

    private static NetworkSource Emit(NetworkSource source, NetworkPlan plan)
    {
        for (var step = 0; step < plan.Graph.Nodes.Count; step++)
        {
            if (plan.Stages.FirstOrDefault(s => s.First == step) is { } stage)
            {
                StageEmitter.Emit(source, stage);
                step = stage.Last;
                continue;
            }

            var node = plan.Graph.Nodes[step];
            source.Begin(node, step);
            source.Note($"{step}: {node.Operator.Kind} {ShortName(node)} {node.Output.Shape}{(source.Plan.SkippedNodes.Contains(node) ? ": already in place" : "")}");
            if (source.Plan.SkippedNodes.Contains(node))
                continue;
            OperatorEmitter.Emit(source, node);
            source.End();
        }

        return source;
    }

    // TFLite joins the names of all layers it fused with semicolons; the first says enough.
    private static string ShortName(Node node)
    {
        var first = node.Name.Split(';')[0];
        return first.Length <= LongestName ? first : $"...{first[^LongestName..]}";
    }

    private static void CheckEnds(Graph network)
    {
        if (network.Inputs.Count != 1 || network.Outputs.Count != 1)
            throw new KindlingException(
                $"{network.Name} has {network.Inputs.Count} inputs and {network.Outputs.Count} outputs; C is generated for one of each");
        foreach (var value in network.Nodes.Select(n => n.Output).Concat(network.Inputs))
        {
            if (value.Shape.Rank == 0 || value.Shape.Batch != 1)
                throw new KindlingException($"{network.Name}: {value.Name} is {value.Shape}; C is generated for batch 1");
        }

        if (network.Outputs[0].IsConstant || network.Producer(network.Outputs[0]) is null)
            throw new KindlingException($"{network.Name}: output {network.Outputs[0].Name} is not computed by any operator");
        var unusable = network.Inputs.Concat(network.Outputs).FirstOrDefault(v => v.Type is ElementType.Int32 or ElementType.Int64);
        if (unusable is not null)
            throw new KindlingException($"{network.Name}: {unusable.Name} is {unusable.Type.Name()}; inputs and outputs are float32, int8 or uint8");
    }
}
