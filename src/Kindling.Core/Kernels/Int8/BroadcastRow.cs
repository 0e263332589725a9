using Kindling.Execution;
using Kindling.Tensors;

namespace Kindling.Kernels.Int8;

/// <summary>Finds the channels of a second operand that belong to a pixel of the first.</summary>
internal static unsafe class BroadcastRow
{
    /// <summary>
    /// The channels of <paramref name="view"/> for a pixel of <paramref name="shape"/>: its own, its sample's, or, of a constant without a
    /// batch, the same for all samples.
    /// </summary>
    public static sbyte* Of(TensorView view, int pixel, Shape shape)
    {
        var pixelsPerSample = shape.Pixels / shape.Batch;
        var index = view.Shape.Pixels == shape.Pixels ? pixel
            : view.Shape.Pixels == 1 ? 0
            : view.Shape.Batch == shape.Batch ? pixel / pixelsPerSample
            : pixel % pixelsPerSample;
        return view.SBytes + ((long)index * view.PixelStride);
    }
}
