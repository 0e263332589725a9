using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Execution;

/// <summary>What the planner may do.</summary>
/// <param name="Batch">Samples a run.</param>
/// <param name="Alignment">Every buffer starts at a multiple of it.</param>
/// <param name="Reuse">False keeps every value apart until the end, so that all can be read after a run.</param>
/// <param name="ScratchBytes">Bytes a node needs in the arena while it runs, besides its values; null: none.</param>
public sealed record MemoryPlanOptions(int Batch = 1, int Alignment = 16, bool Reuse = true, Func<Node, long>? ScratchBytes = null);

/// <summary>
/// Plans the one arena that holds all activations of a graph, on the host and on the microcontroller alike: lifetimes, operators in place,
/// concatenations without copies.
/// </summary>
public sealed class MemoryPlanner
{
    private readonly Graph _graph;
    private readonly MemoryPlanOptions _options;
    private readonly Dictionary<Value, int> _first = [];
    private readonly Dictionary<Value, int> _last = [];
    private readonly Dictionary<Value, Value> _parent = [];
    private readonly Dictionary<Value, int> _channelOffset = [];
    private readonly HashSet<Node> _skipped = [];

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
        if (!node.Operator.CanRunInPlace || _parent.ContainsKey(node.Output))
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
            g.Max(BatchBytes),
            _options.Reuse ? g.Min(v => _first[v]) : -1,
            _options.Reuse ? g.Max(v => _last[v]) : _graph.Nodes.Count)).ToList();
        var scratch = ScratchOf();
        buffers.AddRange(scratch.Select(s => new BufferLifetime(s.Bytes, s.Step, s.Step)));
        var (offsets, arena) = ArenaPlanner.Assign(buffers, _options.Alignment);
        var rootOffset = groups.Select((g, i) => (g.Key, offsets[i])).ToDictionary(p => p.Key, p => p.Item2);

        var placements = values.Select(value =>
        {
            var kind = !_parent.ContainsKey(value) ? PlacementKind.Own : IsSlice(value) ? PlacementKind.ConcatSlice : PlacementKind.InPlace;
            var stride = kind == PlacementKind.ConcatSlice ? SliceOwner(value).Shape.Channels : value.Shape.Channels;
            return new Placement(
                value, rootOffset[Root(value)] + ((long)ChannelOffset(value) * value.Type.Size()), BatchBytes(value), stride,
                _first[value], _last[value], kind);
        }).ToList();
        return new MemoryPlan(
            placements, arena, _options.Batch, _skipped,
            scratch.Select((s, i) => (_graph.Nodes[s.Step], Offset: offsets[groups.Count + i])).ToDictionary(p => p.Item1, p => p.Offset));
    }

    private List<(int Step, long Bytes)> ScratchOf() =>
        [.. _graph.Nodes.Select((node, step) => (Step: step, Bytes: _skipped.Contains(node) ? 0 : _options.ScratchBytes?.Invoke(node) ?? 0)).Where(s => s.Bytes > 0)];

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
