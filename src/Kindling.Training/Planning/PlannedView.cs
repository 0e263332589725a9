using Kindling.Execution;
using Kindling.Tensors;

namespace Kindling.Training.Planning;

/// <summary>A float tensor, or a slice of its channels, in a buffer whose address is not known yet.</summary>
/// <param name="Buffer">The buffer.</param>
/// <param name="Offset">Bytes from its start to the first element.</param>
/// <param name="Shape">Extents with the real batch.</param>
/// <param name="PixelStride">Elements from one pixel to the next.</param>
internal readonly record struct PlannedView(PlannedBuffer Buffer, long Offset, Shape Shape, int PixelStride)
{
    /// <summary>The memory, once the plan is placed.</summary>
    public TensorView Resolve() => new(Buffer.Address + (nint)Offset, ElementType.Float32, Shape, PixelStride, null);

    /// <summary>Some of the channels.</summary>
    public PlannedView Slice(int firstChannel, Shape shape) => new(Buffer, Offset + (firstChannel * sizeof(float)), shape, PixelStride);

    /// <summary>The same elements under another shape (gapless views only).</summary>
    public PlannedView As(Shape shape) => new(Buffer, Offset, shape, shape.Channels);
}
