namespace Kindling.Formats.Onnx.Import;

/// <summary>A factor of a tensor's extents that is never torn apart in memory; known by identity.</summary>
internal sealed class Axis(int size)
{
    /// <summary>The first dimension of every activation. It counts as 1: a graph is written for one sample.</summary>
    public static readonly Axis Batch = new(1);

    /// <summary>Positions along the axis; more than 1 unless it is the batch.</summary>
    public int Size { get; } = size;
}
