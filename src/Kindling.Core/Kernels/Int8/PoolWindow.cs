using Kindling.Execution;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Kernels.Int8;

/// <summary>The part of a pooling window that lies inside the image, position by position.</summary>
internal unsafe struct PoolWindow
{
    private readonly TensorView _input;
    private readonly int _outputHeight;
    private readonly Size2D _kernel;
    private readonly Size2D _stride;
    private readonly Padding _padding;
    private long _image;

    public PoolWindow(TensorView input, Shape output, Size2D kernel, Size2D stride, Padding padding)
    {
        _input = input;
        _outputHeight = output.Height;
        _kernel = kernel;
        _stride = stride;
        _padding = padding;
    }

    /// <summary>First row inside the image.</summary>
    public int Top { get; private set; }

    /// <summary>First row below the window or the image.</summary>
    public int Bottom { get; private set; }

    /// <summary>First column inside the image.</summary>
    public int Left { get; private set; }

    /// <summary>First column right of the window or the image.</summary>
    public int Right { get; private set; }

    /// <summary>Pixels inside the image.</summary>
    public readonly int Count => Math.Max(0, Bottom - Top) * Math.Max(0, Right - Left);

    /// <summary>Moves to a column of an output row (rows of all images counted through).</summary>
    public void MoveTo(int outputRow, int outputColumn)
    {
        _image = outputRow / _outputHeight;
        var row = (outputRow % _outputHeight * _stride.Height) - _padding.Top;
        var column = (outputColumn * _stride.Width) - _padding.Left;
        Top = Math.Max(0, row);
        Bottom = Math.Min(_input.Shape.Height, row + _kernel.Height);
        Left = Math.Max(0, column);
        Right = Math.Min(_input.Shape.Width, column + _kernel.Width);
    }

    /// <summary>The channels of an input pixel of the current image.</summary>
    public readonly sbyte* Pixel(int row, int column) =>
        _input.SBytes + (((((_image * _input.Shape.Height) + row) * _input.Shape.Width) + column) * _input.PixelStride);
}
