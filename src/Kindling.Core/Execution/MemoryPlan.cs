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

    internal MemoryPlan(IReadOnlyList<Placement> placements, long arenaBytes, int batch, IReadOnlySet<Node> skipped,
        IReadOnlyDictionary<Node, long> scratch)
    {
        Placements = placements;
        ArenaBytes = arenaBytes;
        Batch = batch;
        SkippedNodes = skipped;
        ScratchOffsets = scratch;
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

    /// <summary>Where a value lives.</summary>
    public Placement this[Value value] => _placements[value];
}
