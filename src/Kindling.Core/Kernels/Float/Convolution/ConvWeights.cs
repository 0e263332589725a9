using Kindling.Graphs;
using Kindling.Tensors;

namespace Kindling.Kernels.Float.Convolution;

/// <summary>Gives the current floats of a constant; asked each time the kernel is prepared.</summary>
internal delegate ReadOnlySpan<float> FloatSource();

/// <summary>
/// Where a convolution finds the weight of output o, kernel row y, kernel column x and input i:
/// <c>Source()[Offset + o * OutputStride + y * RowStride + x * ColumnStride + i * InputStride]</c>. Strides may be negative,
/// so a transposed or flipped kernel (the gradient of the input) needs no copy.
/// </summary>
internal sealed record ConvWeights(
    FloatSource Source, int Outputs, int Rows, int Columns, int Inputs,
    int Offset, int OutputStride, int RowStride, int ColumnStride, int InputStride)
{
    /// <summary>Multiply-accumulates an output element takes.</summary>
    public int Taps => Rows * Columns * Inputs;

    /// <summary>Weights as they are stored: <c>[O, KH, KW, I]</c>.</summary>
    public static ConvWeights Forward(FloatSource source, Shape shape)
    {
        var (o, h, w, i) = (shape[0], shape[1], shape[2], shape[3]);
        return new(source, o, h, w, i, 0, h * w * i, w * i, i, 1);
    }

    /// <summary>
    /// Weights stored as <c>[O, KH, KW, I]</c>, read as the convolution from O to I channels with the kernel turned by 180 degrees: the
    /// gradient of the input of a convolution with stride 1 (dilation as before, padding <c>dilation * (kernel - 1) - padding</c>).
    /// </summary>
    public static ConvWeights Transposed(FloatSource source, Shape shape)
    {
        var (o, h, w, i) = (shape[0], shape[1], shape[2], shape[3]);
        return new(source, i, h, w, o, ((h * w) - 1) * i, 1, -w * i, -i, h * w * i);
    }

    /// <summary>Weights of a fully connected layer, <c>[O, I]</c>: a 1x1 convolution of images of one pixel.</summary>
    public static ConvWeights Dense(FloatSource source, Shape shape) => new(source, shape[0], 1, 1, shape[1], 0, shape[1], 0, 0, 1);

    /// <summary>The source that reads a constant of a graph.</summary>
    public static FloatSource SourceOf(Value constant)
    {
        var tensor = constant.Constant ?? throw new GraphException($"{constant.Name} is not a constant");
        return () => tensor.AsSpan<float>();
    }
}
