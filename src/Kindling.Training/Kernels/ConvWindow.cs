using Kindling.Graphs.Operators;

namespace Kindling.Training.Kernels;

/// <summary>How a window slides over an image.</summary>
/// <param name="Rows">Rows of the window.</param>
/// <param name="Columns">Columns of the window.</param>
/// <param name="Stride">Its step.</param>
/// <param name="Padding">Zeros around the image.</param>
/// <param name="Dilation">Distance between its taps.</param>
internal sealed record ConvWindow(int Rows, int Columns, Size2D Stride, Padding Padding, Size2D Dilation)
{
    /// <summary>True for a 1x1 step without padding: a matrix product over the pixels.</summary>
    public bool IsPointwise => Rows == 1 && Columns == 1 && Stride == 1 && Padding.IsNone;

    /// <summary>The padding with which the gradient, convolved with the turned window, gives the input's gradient (stride 1).</summary>
    public Padding Transposed => new(
        (Dilation.Height * (Rows - 1)) - Padding.Top, (Dilation.Width * (Columns - 1)) - Padding.Left,
        (Dilation.Height * (Rows - 1)) - Padding.Bottom, (Dilation.Width * (Columns - 1)) - Padding.Right);

    /// <summary>True when the input's gradient is a convolution the forward kernels can run.</summary>
    public bool IsTransposable =>
        Stride == 1 && Transposed is { Top: >= 0, Left: >= 0, Bottom: >= 0, Right: >= 0 };

    /// <summary>The output columns (or rows) whose tap at distance <paramref name="tap"/> lies inside the image: first and count.</summary>
    public static (int First, int Count) Inside(int tap, int padding, int stride, int input, int output)
    {
        var lowest = padding - tap;
        var first = lowest <= 0 ? 0 : (lowest + stride - 1) / stride;
        var highest = input - 1 + padding - tap;
        var last = highest < 0 ? -1 : Math.Min(output - 1, highest / stride);
        return (first, Math.Max(0, last - first + 1));
    }
}
