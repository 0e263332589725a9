using Kindling.Execution;
using Kindling.Graphs.Operators;

namespace Kindling.Kernels.Int8;

/// <summary>Sizes of a sliding window over images; a fully connected layer is a 1x1 window over one-pixel rows.</summary>
/// <param name="Images">Samples.</param>
/// <param name="Input">Rows and columns of an input image.</param>
/// <param name="InputChannels">Channels of a pixel.</param>
/// <param name="Output">Rows and columns of an output image.</param>
/// <param name="OutputChannels">Channels of an output pixel.</param>
/// <param name="Kernel">Rows and columns of the window.</param>
/// <param name="Stride">Step of the window.</param>
/// <param name="Dilation">Distance between the window's taps.</param>
/// <param name="Top">Rows of padding above.</param>
/// <param name="Left">Columns of padding before.</param>
internal sealed record ConvolutionGeometry(
    int Images, Size2D Input, int InputChannels, Size2D Output, int OutputChannels, Size2D Kernel, Size2D Stride, Size2D Dilation, int Top, int Left)
{
    /// <summary>Columns a row of windows covers, padding included.</summary>
    public int PaddedWidth => ((Output.Width - 1) * Stride.Width) + ((Kernel.Width - 1) * Dilation.Width) + 1;

    /// <summary>Multiply-accumulates of all images, those with padding included.</summary>
    public long Macs => (long)Images * Output.Height * Output.Width * OutputChannels * Kernel.Height * Kernel.Width * InputChannels;

    /// <summary>The geometry of a convolution. A 1x1 window without stride and padding sees all pixels of all images as one column.</summary>
    public static ConvolutionGeometry Of(TensorView input, TensorView output, Size2D kernel, Size2D stride, Padding padding, Size2D dilation)
    {
        var isPointwise = kernel == 1 && stride == 1 && padding.IsNone;
        return isPointwise
            ? Pixels(input, output)
            : new ConvolutionGeometry(
                output.Shape.Batch, new Size2D(input.Shape.Height, input.Shape.Width), input.Shape.Channels,
                new Size2D(output.Shape.Height, output.Shape.Width), output.Shape.Channels, kernel, stride, dilation, padding.Top, padding.Left);
    }

    /// <summary>Every pixel (or sample of a fully connected layer) for itself.</summary>
    public static ConvolutionGeometry Pixels(TensorView input, TensorView output)
    {
        var pixels = new Size2D(output.Shape.Pixels, 1);
        return new ConvolutionGeometry(1, pixels, input.Shape.Channels, pixels, output.Shape.Channels, 1, 1, 1, 0, 0);
    }

    /// <summary>Input rows that <paramref name="outputRows"/> rows of windows cover.</summary>
    public int InputRows(int outputRows) => ((outputRows - 1) * Stride.Height) + ((Kernel.Height - 1) * Dilation.Height) + 1;

    /// <summary>
    /// Output rows of a chunk, so that all chunks are of nearly the same size: as many chunks as asked for, but not of fewer than
    /// <paramref name="fewestPixels"/> pixels where the image has them, nor of more than <paramref name="mostBytes"/> of scratch memory where a row has less.
    /// </summary>
    /// <param name="chunks">Chunks worth having.</param>
    /// <param name="fewestPixels">Pixels that pay for reading all weights.</param>
    /// <param name="bytes">Scratch memory that some rows take.</param>
    /// <param name="mostBytes">What stays in the cache.</param>
    public int RowsPerChunk(int chunks, int fewestPixels, Func<int, long> bytes, long mostBytes)
    {
        var rows = Math.Max((Output.Height + chunks - 1) / chunks, (fewestPixels + Output.Width - 1) / Output.Width);
        rows = Math.Min(rows, Output.Height);
        while (rows > 1 && bytes(rows) > mostBytes)
            rows = (rows + 1) / 2;
        var rowChunks = (Output.Height + rows - 1) / rows;
        return (Output.Height + rowChunks - 1) / rowChunks;
    }
}
