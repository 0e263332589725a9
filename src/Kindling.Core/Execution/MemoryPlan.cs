using Kindling.Graphs;

namespace Kindling.Execution;

/// <summary>How a value came to its place in the arena.</summary>
public enum PlacementKind
{
    /// <summary>It has a buffer of its own.</summary>
    Own,

    /// <summary>It is written over the input of its node.</summary>
    InPlace,

    /// <summary>It is written straight into its slice of a concatenation.</summary>
    ConcatSlice,

    /// <summary>Only the rows that are still needed are kept, in a stage of operators that run a few rows at a time.</summary>
    Rows,
}

/// <summary>Where one value lives.</summary>
/// <param name="Value">The value.</param>
/// <param name="Offset">Bytes from the start of the arena to its first element.</param>
/// <param name="Bytes">Bytes its elements take, gaps of a slice not counted.</param>
/// <param name="PixelStride">Elements from one pixel to the next.</param>
/// <param name="FirstStep">The node that writes it; -1 for inputs of the graph.</param>
/// <param name="LastStep">The last node that reads it; the number of nodes for outputs of the graph.</param>
/// <param name="Kind">How it came there.</param>
public sealed record Placement(Value Value, long Offset, long Bytes, int PixelStride, int FirstStep, int LastStep, PlacementKind Kind);

/// <summary>The plan of one arena: every activation of a graph and where it lives. Made by <see cref="MemoryPlanner"/>.</summary>
public sealed class MemoryPlan
{
    private readonly Dictionary<Value, Placement> _placements;
    private readonly IReadOnlyList<(long Offset, BufferLifetime Buffer)> _buffers;

    internal MemoryPlan(IReadOnlyList<Placement> placements, long arenaBytes, int batch, IReadOnlySet<Node> skipped,
        IReadOnlyDictionary<Node, (long Offset, long Bytes)> scratch, IReadOnlyList<MemoryStage> stages, IReadOnlyList<long> stageScratch,
        IReadOnlyList<(long Offset, BufferLifetime Buffer)> buffers)
    {
        _buffers = buffers;
        Placements = placements;
        ArenaBytes = arenaBytes;
        Batch = batch;
        SkippedNodes = skipped;
        ScratchOffsets = scratch.ToDictionary(s => s.Key, s => s.Value.Offset);
        ScratchBytes = scratch.ToDictionary(s => s.Key, s => s.Value.Bytes);
        Stages = stages;
        StageScratchOffsets = stageScratch;
        _placements = placements.ToDictionary(p => p.Value);
    }

    /// <summary>Size of the arena.</summary>
    public long ArenaBytes { get; }

    /// <summary>Samples a run.</summary>
    public int Batch { get; }

    /// <summary>Every activation, inputs first, then in the order of the nodes.</summary>
    public IReadOnlyList<Placement> Placements { get; }

    /// <summary>Nodes with nothing left to do: concatenations whose inputs are already in place, reshapes, dropout at inference.</summary>
    public IReadOnlySet<Node> SkippedNodes { get; }

    /// <summary>Bytes from the start of the arena to the scratch of each node that asked for some.</summary>
    public IReadOnlyDictionary<Node, long> ScratchOffsets { get; }

    /// <summary>Bytes of the scratch of each node that asked for some.</summary>
    public IReadOnlyDictionary<Node, long> ScratchBytes { get; }

    /// <summary>The stages whose operators run a few rows at a time, in order.</summary>
    public IReadOnlyList<MemoryStage> Stages { get; }

    /// <summary>Bytes from the start of the arena to the scratch of each stage.</summary>
    public IReadOnlyList<long> StageScratchOffsets { get; }

    /// <summary>Bytes of the arena that hold something while a node runs, scratch included: what overlaps counts once.</summary>
    /// <param name="step">The node's place in the graph; nodes of a stage run together.</param>
    public long AliveBytes(int step)
    {
        long sum = 0, end = 0;
        foreach (var (offset, buffer) in _buffers.Where(b => b.Buffer.First <= step && step <= b.Buffer.Last).OrderBy(b => b.Offset))
        {
            sum += Math.Max(0, offset + buffer.Bytes - Math.Max(offset, end));
            end = Math.Max(end, offset + buffer.Bytes);
        }

        return sum;
    }

    /// <summary>Where a value lives.</summary>
    public Placement this[Value value] => _placements[value];
}
