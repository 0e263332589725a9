using Kindling.Tensors;

namespace Kindling.Execution;

/// <summary>
/// The memory of one value as a kernel sees it: <c>[N, H, W, C]</c> or <c>[N, C]</c>, whose pixels may lie further apart than
/// their channels (a slice of a concatenation).
/// </summary>
/// <param name="Data">Address of the first element.</param>
/// <param name="Type">Type of the elements.</param>
/// <param name="Shape">Extents with the real batch.</param>
/// <param name="PixelStride">Elements from one pixel to the next; equals the channels unless the view is a slice.</param>
/// <param name="Quantization">Scale and zero point of 8-bit values.</param>
public readonly record struct TensorView(nint Data, ElementType Type, Shape Shape, int PixelStride, Quantization? Quantization)
{
    /// <summary>True when pixels follow each other without gaps.</summary>
    public bool IsContiguous => PixelStride == Shape.Channels;

    /// <summary>The elements as floats.</summary>
    public unsafe float* Floats => (float*)Data;

    /// <summary>The elements as signed bytes.</summary>
    public unsafe sbyte* SBytes => (sbyte*)Data;

    /// <summary>The elements as bytes.</summary>
    public unsafe byte* UBytes => (byte*)Data;
}
