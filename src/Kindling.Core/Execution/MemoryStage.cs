using Kindling.Graphs;

namespace Kindling.Execution;

/// <summary>A run of nodes that are computed a few rows at a time, so that of the values between them only some rows are kept.</summary>
/// <param name="First">The first node.</param>
/// <param name="Last">The last node.</param>
/// <param name="RowBytes">The values of which only some rows are kept, with the bytes these take; concatenations stand for their slices.</param>
/// <param name="ScratchBytes">Bytes the kernels need besides, the largest of all nodes.</param>
/// <param name="Distances">Values read for the last time in the stage and values written whole by it that may overlap, with the least bytes
/// from the start of the latter to the start of the former.</param>
public sealed record MemoryStage(
    int First, int Last, IReadOnlyDictionary<Value, long> RowBytes, long ScratchBytes, IReadOnlyDictionary<(Value Dying, Value Born), long> Distances);
