using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Execution;

/// <summary>What the planner may do.</summary>
/// <param name="Batch">Samples a run.</param>
/// <param name="Alignment">Every buffer starts at a multiple of it.</param>
/// <param name="Reuse">False keeps every value apart until the end, so that all can be read after a run.</param>
/// <param name="ScratchBytes">Bytes a node needs in the arena while it runs, besides its values; null: none.</param>
/// <param name="Overlap">How the output of a node may lie over one of its inputs that dies there, by the order in which its kernel reads and
/// writes; null: not at all.</param>
/// <param name="Stages">Operators that run a few rows at a time, in order and apart; null: none.</param>
public sealed record MemoryPlanOptions(
    int Batch = 1, int Alignment = 16, bool Reuse = true, Func<Node, long>? ScratchBytes = null, Func<Node, Value, OverlapRule?>? Overlap = null,
    IReadOnlyList<MemoryStage>? Stages = null);

/// <summary>
/// Plans the one arena that holds all activations of a graph, on the host and on the microcontroller alike: lifetimes, operators in place,
/// concatenations without copies.
/// </summary>
public sealed class MemoryPlanner
{
    private const int Exchanges = 600;
    private readonly Graph _graph;
    private readonly MemoryPlanOptions _options;
    private readonly Dictionary<Value, int> _first = [];
    private readonly Dictionary<Value, int> _last = [];
    private readonly Dictionary<Value, Value> _parent = [];
    private readonly Dictionary<Value, int> _channelOffset = [];
    private readonly HashSet<Node> _skipped = [];
    private readonly HashSet<Node> _staged = [];

    private MemoryPlanner(Graph graph, MemoryPlanOptions options)
    {
        _graph = graph;
        _options = options;
    }

    /// <summary>Plans the arena of a graph.</summary>
    public static MemoryPlan Plan(Graph graph, MemoryPlanOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return new MemoryPlanner(graph, options ?? new MemoryPlanOptions()).Run();
    }

    private MemoryPlan Run()
    {
        FindLifetimes();
        foreach (var stage in Stages)
            WidenLifetimes(stage);
        if (_options.Reuse)
        {
            foreach (var node in _graph.Nodes)
            {
                if (node.Operator is Concat concat)
                    ShareConcat(node, concat);
            }

            foreach (var node in _graph.Nodes)
                ShareInPlace(node);
        }

        return Place();
    }

    private void FindLifetimes()
    {
        foreach (var input in _graph.Inputs)
            _first[input] = _last[input] = -1;
        for (var step = 0; step < _graph.Nodes.Count; step++)
        {
            var node = _graph.Nodes[step];
            _first[node.Output] = _last[node.Output] = step;
            foreach (var input in node.Inputs.Where(i => !i.IsConstant))
                _last[input] = step;
        }

        foreach (var output in _graph.Outputs.Where(o => !o.IsConstant))
            _last[output] = _graph.Nodes.Count;
    }

    private IReadOnlyList<MemoryStage> Stages => _options.Stages ?? [];

    // All operators of a stage run in turns: what one of them touches lives as long as the stage.
    private void WidenLifetimes(MemoryStage stage)
    {
        foreach (var node in _graph.Nodes.Take(stage.Last + 1).Skip(stage.First))
            _staged.Add(node);
        foreach (var value in _first.Keys.ToList())
        {
            if (_first[value] >= stage.First && _first[value] <= stage.Last)
                _first[value] = stage.First;
            if (_last[value] >= stage.First && _last[value] <= stage.Last)
                _last[value] = stage.Last;
        }
    }

    /// <summary>Lets the producers of a concatenation along the channels write into it, when all of them can.</summary>
    private void ShareConcat(Node node, Concat concat)
    {
        var isAlongChannels = concat.Axis == node.Output.Shape.Rank - 1 && concat.Activation == Activation.None;
        if (!isAlongChannels || node.Inputs.Distinct().Count() != node.Inputs.Count || !node.Inputs.All(CanBeSlice))
            return;
        var channel = 0;
        foreach (var input in node.Inputs)
        {
            _parent[input] = node.Output;
            _channelOffset[input] = channel;
            channel += input.Shape.Channels;
        }

        _skipped.Add(node);

        bool CanBeSlice(Value input) =>
            _graph.Producer(input) is { } producer && producer.Operator.CanWriteSlice
            && _graph.Consumers(input).Count == 1 && !_graph.Outputs.Contains(input)
            && Equals(input.Quantization, node.Output.Quantization);
    }

    private void ShareInPlace(Node node)
    {
        if (!node.Operator.CanRunInPlace || _parent.ContainsKey(node.Output) || _staged.Contains(node))
            return;
        // An operator may overwrite its first input; an addition either of the two.
        var candidates = node.Operator is Add ? node.Inputs.Take(2) : node.Inputs.Take(1);
        var victim = candidates.FirstOrDefault(CanOverwrite);
        if (victim is null)
            return;
        _parent[node.Output] = victim;
        _channelOffset[node.Output] = 0;
        if (node.Operator is Reshape or Dropout)
            _skipped.Add(node);

        bool CanOverwrite(Value input) =>
            !input.IsConstant && input.Bytes == node.Output.Bytes
            && _last[input] == _first[node.Output] && !_graph.Outputs.Contains(input)
            && !IsSlice(input) && node.Inputs.Count(i => i == input) == 1
            && (node.Operator is Reshape || input.Shape.Equals(node.Output.Shape))
            && GroupLastUse(input) == _first[node.Output];
    }

    private bool IsSlice(Value value) => _parent.TryGetValue(value, out var owner) && _graph.Producer(owner)?.Operator is Concat
        && _graph.Producer(owner)!.Inputs.Contains(value);

    private Value Root(Value value)
    {
        while (_parent.TryGetValue(value, out var parent))
            value = parent;
        return value;
    }

    // A value's memory may be shared by others that live longer than it does.
    private int GroupLastUse(Value value)
    {
        var root = Root(value);
        return _last.Where(pair => ReferenceEquals(Root(pair.Key), root)).Max(pair => pair.Value);
    }

    private MemoryPlan Place()
    {
        var values = _first.Keys.ToList();
        var groups = values.GroupBy(Root).ToList();
        var buffers = groups.Select(g => new BufferLifetime(
            RowBytes(g.Key) ?? g.Max(BatchBytes),
            _options.Reuse ? g.Min(v => _first[v]) : -1,
            _options.Reuse ? g.Max(v => _last[v]) : _graph.Nodes.Count)).ToList();
        var overlaps = _options.Reuse ? FindOverlaps(groups.Select((g, i) => (g.Key, i)).ToDictionary(p => p.Key, p => p.i), buffers) : [];
        var scratch = ScratchOf();
        buffers.AddRange(scratch.Select(s => new BufferLifetime(s.Bytes, s.Step, s.Step)));
        buffers.AddRange(Stages.Select(s => new BufferLifetime(s.ScratchBytes, s.First, s.Last)));
        var (offsets, arena) = ArenaPlanner.Assign(buffers, _options.Alignment, overlaps, _options.Overlap is null ? 0 : Exchanges);
        var rootOffset = groups.Select((g, i) => (g.Key, offsets[i])).ToDictionary(p => p.Key, p => p.Item2);

        var placements = values.Select(value =>
        {
            var kind = IsSlice(value) ? PlacementKind.ConcatSlice : _parent.ContainsKey(value) ? PlacementKind.InPlace
                : RowBytes(value) is null ? PlacementKind.Own : PlacementKind.Rows;
            var stride = kind == PlacementKind.ConcatSlice ? SliceOwner(value).Shape.Channels : value.Shape.Channels;
            return new Placement(
                value, rootOffset[Root(value)] + ((long)ChannelOffset(value) * value.Type.Size()), RowBytes(value) ?? BatchBytes(value), stride,
                _first[value], _last[value], kind);
        }).ToList();
        return new MemoryPlan(
            placements, arena, _options.Batch, _skipped,
            scratch.Select((s, i) => (Node: _graph.Nodes[s.Step], Place: (offsets[groups.Count + i], s.Bytes))).ToDictionary(p => p.Node, p => p.Place),
            Stages, [.. Stages.Select((_, i) => offsets[groups.Count + scratch.Count + i])], [.. buffers.Select((b, i) => (offsets[i], b))]);
    }

    /// <summary>The buffers of dying inputs and of the outputs that may lie over them.</summary>
    private List<BufferOverlap> FindOverlaps(Dictionary<Value, int> index, List<BufferLifetime> buffers)
    {
        var overlaps = new List<BufferOverlap>();
        for (var step = 0; _options.Overlap is not null && step < _graph.Nodes.Count; step++)
        {
            var node = _graph.Nodes[step];
            if (_skipped.Contains(node) || _staged.Contains(node))
                continue;
            foreach (var input in node.Inputs.Where(i => !i.IsConstant).Distinct())
            {
                if (CanMeet(input, node.Output, step, step) && _options.Overlap(node, input) is { } rule)
                    overlaps.Add(new BufferOverlap(index[Root(input)], index[node.Output], rule));
            }
        }

        foreach (var stage in Stages)
        {
            foreach (var ((dying, born), distance) in stage.Distances)
            {
                if (CanMeet(dying, born, stage.First, stage.Last))
                    overlaps.Add(new BufferOverlap(index[Root(dying)], index[born], new OverlapRule(distance)));
            }
        }

        return overlaps;

        bool CanMeet(Value dying, Value born, int first, int last) =>
            !IsSlice(dying) && ReferenceEquals(Root(born), born) && !ReferenceEquals(Root(dying), born)
            && buffers[index[Root(dying)]].Last == last && buffers[index[born]].First == first;
    }

    private long? RowBytes(Value value)
    {
        foreach (var stage in Stages)
        {
            if (stage.RowBytes.TryGetValue(value, out var bytes))
                return bytes;
        }

        return null;
    }

    private List<(int Step, long Bytes)> ScratchOf() =>
        [.. _graph.Nodes.Select((node, step) => (Step: step, Bytes: _skipped.Contains(node) || _staged.Contains(node) ? 0 : _options.ScratchBytes?.Invoke(node) ?? 0)).Where(s => s.Bytes > 0)];

    private long BatchBytes(Value value) => value.Bytes * _options.Batch;

    private Value SliceOwner(Value value)
    {
        // Nested concatenations share the outermost one's pixels.
        while (IsSlice(value))
            value = _parent[value];
        return value;
    }

    private int ChannelOffset(Value value)
    {
        var sum = 0;
        for (var v = value; _parent.TryGetValue(v, out var parent); v = parent)
            sum += _channelOffset[v];
        return sum;
    }
}
