using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Deployment.Generation.Memory;

/// <summary>How a network runs on a microcontroller: which nodes run alone, which in stages, and where everything lives.</summary>
/// <param name="Graph">The network; parts of it may be computed twice.</param>
/// <param name="Layouts">How its convolutions are laid out.</param>
/// <param name="Memory">The arena.</param>
/// <param name="Stages">The stages, in order.</param>
internal sealed record NetworkPlan(Graph Graph, ConvolutionLayouts Layouts, MemoryPlan Memory, IReadOnlyList<Stage> Stages)
{
    private const double BalancedOverhead = 0.01;
    private const double TimeOverhead = 0.004;
    // Scratch that saves instructions may make a balanced arena so much larger.
    private const double ScratchGrowth = 1.0 / 64;
    private const long TimeScratchBytes = 8192;
    // The goal of least RAM gives so much of it away for instructions.
    private const double RamSlack = 1.0 / 16;
    // To compute something twice must save so much of the arena.
    private const double WorthRecomputing = 0.97;
    private const int LongestRecomputation = 4;
    private static readonly long[] BalancedScratchBytes = [4096, 3072, 2048, 1536, 1024, 768, 512, 0];

    /// <summary>True when rows of the network's input are asked for while it runs, and the input has no place in the arena.</summary>
    public bool HasRowsOfInput => Stages.Any(s => s.HasRowsOfInput);

    /// <summary>True for a node that runs by rows.</summary>
    public bool IsStaged(Node node) => Stages.Any(s => s.Operators.Any(o => ReferenceEquals(o.Node, node)));

    /// <summary>Plans a network.</summary>
    public static NetworkPlan Create(Graph network, CGeneratorOptions options)
    {
        var layouts = new ConvolutionLayouts(network);
        if (options.Target is { IsLinux: true })
            return ForThreads(network, layouts, options);
        if (options.Optimize == OptimizationGoal.Ram)
            return Smallest(network, options.Alignment);
        var search = new StageSearch(network, layouts, options.Alignment, rowsOfInput: false);
        var overhead = options.Optimize == OptimizationGoal.Time ? TimeOverhead : BalancedOverhead;
        var stages = search.Best(overhead * search.Instructions);
        if (options.Optimize == OptimizationGoal.Time)
            return With(TimeScratchBytes);
        var smallest = With(0);
        return BalancedScratchBytes.Select(With).First(plan => plan.Memory.ArenaBytes <= smallest.Memory.ArenaBytes * (1 + ScratchGrowth));

        NetworkPlan With(long scratchBytes)
        {
            layouts.PreferredScratchBytes = scratchBytes;
            return Place(network, layouts, options.Alignment, stages);
        }
    }

    // Two threads compute the halves of a layer in no order, so nothing overlaps; there is memory enough.
    private static NetworkPlan ForThreads(Graph network, ConvolutionLayouts layouts, CGeneratorOptions options)
    {
        layouts.PreferredScratchBytes = options.Optimize == OptimizationGoal.Ram ? 0 : TimeScratchBytes;
        return new NetworkPlan(
            network, layouts, MemoryPlanner.Plan(network, new MemoryPlanOptions(1, options.Alignment, ScratchBytes: layouts.ScratchBytes)), []);
    }

    // The smallest arena: the input comes in rows, and what is large only because of a mean is computed twice.
    private static NetworkPlan Smallest(Graph network, int alignment)
    {
        var twice = network;
        while (Improve(twice, alignment) is { } improved)
            twice = improved;
        var plan = Search(twice, alignment, rowsOfInput: true);
        if (twice.Inputs.SelectMany(twice.Consumers).All(n => plan.IsStaged(n)))
            return plan;
        // A network whose first layers cannot run by rows keeps its input.
        return Search(network, alignment, rowsOfInput: false);
    }

    private static NetworkPlan Search(Graph network, int alignment, bool rowsOfInput)
    {
        var layouts = new ConvolutionLayouts(network);
        return Place(network, layouts, alignment, new StageSearch(network, layouts, alignment, rowsOfInput).Smallest(RamSlack));
    }

    // Means cut a network into parts. One that needs most that needs most may need less with the image under its mean computed twice.
    private static Graph? Improve(Graph network, int alignment)
    {
        var parts = Parts(network, alignment);
        var most = parts.Select(p => p.Bytes).DefaultIfEmpty(0).Max() * WorthRecomputing;
        foreach (var (mean, bytes) in parts.Where(p => p.Bytes >= most).OrderByDescending(p => p.Bytes))
        {
            var best = ((Graph?)null, Bytes: (long)(bytes * WorthRecomputing));
            for (var length = 1; length <= LongestRecomputation; length++)
            {
                if (Recompute.Chain(network, mean, length) is not { } chain)
                    continue;
                var candidate = Recompute.Apply(network, mean, chain);
                var part = Parts(candidate, alignment).Single(p => p.Mean.Name == mean.Name).Bytes;
                if (part < best.Bytes)
                    best = (candidate, part);
            }

            if (best.Item1 is not null)
                return best.Item1;
        }

        return null;
    }

    // What the nodes around each mean need: from behind the mean before it to where its image has been read, or further if that needs less.
    private static List<(Node Mean, long Bytes)> Parts(Graph network, int alignment)
    {
        var search = new StageSearch(network, new ConvolutionLayouts(network), alignment, rowsOfInput: true);
        var steps = network.Nodes.Select((node, step) => (node, step)).ToDictionary(p => p.node, p => p.step);
        var means = network.Nodes.Where(n => n.Operator is GlobalAveragePool).ToList();
        return [.. means.Select((mean, i) =>
        {
            // The image is read by the mean, or by both of its readers once it is computed twice.
            var image = mean.Inputs[0].Name.EndsWith(Recompute.FirstPass, StringComparison.Ordinal)
                ? network.Nodes.First(n => n.Output.Name + Recompute.FirstPass == mean.Inputs[0].Name).Output : mean.Inputs[0];
            return (mean, search.Smallest(
                i == 0 ? 0 : steps[means[i - 1]] + 1, network.Consumers(image).Max(n => steps[n]), i == means.Count - 1 ? steps[mean] : steps[means[i + 1]]));
        })];
    }

    private static NetworkPlan Place(Graph network, ConvolutionLayouts layouts, int alignment, IReadOnlyList<Stage> stages)
    {
        var memory = MemoryPlanner.Plan(network, new MemoryPlanOptions(
            1, alignment, ScratchBytes: layouts.ScratchBytes, Overlap: new AccessOrder(layouts).Rule, Stages: [.. stages.Select(s => s.ToMemoryStage(layouts))]));
        return new NetworkPlan(network, layouts, memory, stages);
    }
}
