using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Deployment.Generation.Memory;

/// <summary>
/// Chooses the stages of a network: the smallest arena that costs no more instructions than allowed, and of all such choices the one that
/// costs fewest. What is alive at a node or a stage is added up; the planner then finds addresses.
/// </summary>
internal sealed class StageSearch
{
    private const int LongestStage = 40;
    // An input that comes in rows is nowhere whole.
    private const long NoRoom = long.MaxValue / 4;
    private static readonly int[] Blocks = [1, 2, 4];
    private readonly Graph _graph;
    private readonly ConvolutionLayouts _layouts;
    private readonly AccessOrder _order;
    private readonly MemoryPlan _whole;
    private readonly bool _rowsOfInput;
    private readonly List<Choice>[] _choices;

    /// <summary>Prepares a search.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="layouts">Scratch of the convolutions.</param>
    /// <param name="alignment">Every buffer starts at a multiple of it.</param>
    /// <param name="rowsOfInput">True: the network's input may come in rows.</param>
    public StageSearch(Graph graph, ConvolutionLayouts layouts, int alignment, bool rowsOfInput)
    {
        _graph = graph;
        _layouts = layouts;
        _order = new AccessOrder(layouts);
        _rowsOfInput = rowsOfInput;
        _whole = MemoryPlanner.Plan(graph, new MemoryPlanOptions(1, alignment));
        Instructions = graph.Nodes.Sum(StageCost.Of);
        _choices = [.. graph.Nodes.Select((_, step) => ChoicesFrom(step))];
    }

    /// <summary>Estimated instructions of the network without stages.</summary>
    public double Instructions { get; }

    /// <summary>The stages that give the smallest arena for at most so many more instructions.</summary>
    /// <param name="mostOverhead">Instructions more.</param>
    public IReadOnlyList<Stage> Best(double mostOverhead)
    {
        var sizes = Sizes();
        var (low, high) = (0, sizes.Count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Cheapest(sizes[middle]) is { } choice && choice.Overhead <= mostOverhead)
                high = middle;
            else
                low = middle + 1;
        }

        return Cheapest(sizes[low])!.Value.Stages;
    }

    /// <summary>The stages that cost fewest instructions in an arena hardly larger than the smallest.</summary>
    /// <param name="slack">By which part it may be larger.</param>
    public IReadOnlyList<Stage> Smallest(double slack) =>
        Cheapest((long)(Sizes().First(size => Cheapest(size) is not null) * (1 + slack)))!.Value.Stages;

    private List<long> Sizes() => [.. _choices.SelectMany(c => c).Select(c => c.Bytes).Distinct().Order()];

    /// <summary>The smallest arena for the nodes from <paramref name="first"/> on, whatever the others need, to an end between <paramref name="least"/>
    /// and <paramref name="last"/>.</summary>
    public long Smallest(int first, int least, int last)
    {
        least = Math.Min(least, last);
        var needed = new long[last + 2];
        Array.Fill(needed, long.MaxValue);
        needed[first] = 0;
        for (var step = first; step <= last; step++)
        {
            foreach (var choice in _choices[step].Where(c => c.Last <= last))
                needed[choice.Last + 1] = Math.Min(needed[choice.Last + 1], Math.Max(needed[step], choice.Bytes));
        }

        return needed[(least + 1)..].Min();
    }

    private (IReadOnlyList<Stage> Stages, double Overhead)? Cheapest(long bytes)
    {
        var steps = _graph.Nodes.Count;
        var overhead = new double[steps + 1];
        var taken = new Choice?[steps];
        for (var step = steps - 1; step >= 0; step--)
        {
            overhead[step] = double.PositiveInfinity;
            foreach (var choice in _choices[step])
            {
                var sum = choice.Overhead + overhead[choice.Last + 1];
                if (choice.Bytes <= bytes && sum < overhead[step])
                    (overhead[step], taken[step]) = (sum, choice);
            }
        }

        if (double.IsInfinity(overhead[0]))
            return null;
        var stages = new List<Stage>();
        for (var step = 0; step < steps; step = taken[step]!.Last + 1)
        {
            if (taken[step]!.Stage is { } stage)
                stages.Add(stage);
        }

        return (stages, overhead[0]);
    }

    private List<Choice> ChoicesFrom(int first)
    {
        var choices = new List<Choice> { new(first, null, BytesOf(first), 0) };
        for (var last = first + 1; last < Math.Min(_graph.Nodes.Count, first + LongestStage); last++)
        {
            if (StagedOperator.Of(_graph.Nodes[last]) is null && !(_graph.Nodes[last].Operator is Concat && _whole.SkippedNodes.Contains(_graph.Nodes[last])))
                break;
            foreach (var block in Blocks)
            {
                if (Stage.Create(_graph, _whole, first, last, block, _rowsOfInput) is not { } stage)
                    break;
                choices.Add(new Choice(last, stage, BytesOf(stage), StageCost.Overhead(stage)));
            }
        }

        return choices;
    }

    // What one node needs: the values that are alive, its scratch, and its input and output as far as they do not overlap.
    private long BytesOf(int step)
    {
        var node = _graph.Nodes[step];
        if (_rowsOfInput && node.Inputs.Any(_graph.Inputs.Contains))
            return NoRoom;
        if (_whole.SkippedNodes.Contains(node))
            return 0;
        var output = Owner(node.Output);
        var dying = node.Inputs.Where(i => !i.IsConstant && LastUse(i) == step).Distinct().ToList();
        var rest = Alive(step, step).Where(v => !ReferenceEquals(v, output) && !dying.Contains(v)).Sum(v => v.Bytes) + _layouts.ScratchBytes(node);
        var overlaps = new Dictionary<(Value, Value), OverlapRule>();
        foreach (var input in dying.Where(_ => ReferenceEquals(output, node.Output)))
        {
            var rule = node.Operator.CanRunInPlace && input.Bytes == output.Bytes ? new OverlapRule(0, OnlyTogether: true) : _order.Rule(node, input);
            if (rule is { } known)
                overlaps.Add((input, output), known);
        }

        return rest + Together(dying, [output], overlaps);
    }

    private long BytesOf(Stage stage)
    {
        var read = stage.Bands.Where(b => !b.IsMade && LastUse(b.Image) <= stage.Last).Select(b => b.Image).ToList();
        var made = stage.Bands.Where(b => b.IsMade && b.IsWhole).Select(b => b.Image).ToList();
        var inside = stage.Bands.Where(b => !b.IsWhole).Select(b => b.Image).ToHashSet();
        var rest = Alive(stage.First, stage.Last).Where(v => !read.Contains(v) && !made.Contains(v) && !inside.Contains(v)).Sum(v => v.Bytes);
        var memory = stage.ToMemoryStage(_layouts);
        rest += memory.ScratchBytes + memory.RowBytes.Values.Sum();
        return rest + Together(read, made, memory.Distances.ToDictionary(p => p.Key, p => new OverlapRule(p.Value)));
    }

    private static long Together(List<Value> dying, List<Value> born, Dictionary<(Value Dying, Value Born), OverlapRule> rules)
    {
        List<Value> all = [.. dying, .. born];
        var overlaps = rules.Where(r => dying.Contains(r.Key.Dying) && born.Contains(r.Key.Born))
            .Select(r => new BufferOverlap(all.IndexOf(r.Key.Dying), all.IndexOf(r.Key.Born), r.Value)).ToList();
        return ArenaPlanner.Assign([.. all.Select(v => new BufferLifetime(v.Bytes, 0, 0))], 1, overlaps).ArenaBytes;
    }

    private Value Owner(Value value) =>
        _whole[value].Kind == PlacementKind.ConcatSlice && _graph.Consumers(value).FirstOrDefault(n => n.Operator is Concat) is { } concat ? concat.Output : value;

    private int LastUse(Value value) => _whole[value].LastStep;

    // Buffers that live while the nodes from first to last run; a concatenation lives from its first slice on.
    private IEnumerable<Value> Alive(int first, int last) => _whole.Placements
        .Where(p => !(_rowsOfInput && p.FirstStep < 0))
        .Where(p => p.FirstStep <= last && p.LastStep >= first && !IsAlias(p.Value))
        .Select(p => Owner(p.Value)).Distinct();

    // A reshaped value is the same memory.
    private bool IsAlias(Value value) => _graph.Producer(value) is { Operator: Reshape or Dropout } producer && _whole.SkippedNodes.Contains(producer);

    private sealed record Choice(int Last, Stage? Stage, long Bytes, double Overhead);
}
