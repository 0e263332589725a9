using Kindling.Graphs;

namespace Kindling.Deployment.Generation.Memory;

/// <summary>An image that a stage reads or writes.</summary>
/// <param name="Image">The image; a concatenation stands for its slices.</param>
/// <param name="Slices">The values that are written into a concatenation.</param>
/// <param name="IsMade">True when the stage writes it, false when it is there before.</param>
/// <param name="IsWhole">True when all rows are kept, because somebody outside the stage writes or reads them.</param>
internal sealed record StageBand(Value Image, IReadOnlyList<Value> Slices, bool IsMade, bool IsWhole)
{
    /// <summary>Bytes of a row.</summary>
    public long RowBytes => (long)Image.Shape.Width * Image.Shape.Channels;
}
