using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Quantization.Rounding;

/// <summary>The patches of its input that a layer multiplies with its weights: one for each output position, in the order of the weights.</summary>
internal sealed class PatchGeometry
{
    private readonly Size2D _kernel;
    private readonly Size2D _stride;
    private readonly Size2D _dilation;
    private readonly Padding _padding;
    private readonly int _height;
    private readonly int _width;
    private readonly int _outWidth;

    public PatchGeometry(Node node)
    {
        var (x, y) = (node.Inputs[0].Shape, node.Output.Shape);
        IsDepthwise = node.Operator is DepthwiseConv2D;
        (_kernel, _stride, _dilation, _padding) = node.Operator switch
        {
            Conv2D op => (new Size2D(node.Inputs[1].Shape[1], node.Inputs[1].Shape[2]), op.Stride, op.Dilation, op.Padding),
            DepthwiseConv2D op => (new Size2D(node.Inputs[1].Shape[0], node.Inputs[1].Shape[1]), op.Stride, op.Dilation, op.Padding),
            Dense => (new Size2D(1, 1), new Size2D(1, 1), new Size2D(1, 1), Padding.None),
            _ => throw new ArgumentException($"{node.Name} ({node.Operator.Kind}) has no weights", nameof(node)),
        };
        (_height, _width, Channels) = node.Operator is Dense ? (1, 1, x.ElementCount) : (x.Height, x.Width, x.Channels);
        _outWidth = node.Operator is Dense ? 1 : y.Width;
        Positions = node.Operator is Dense ? 1 : y.Height * y.Width;
    }

    /// <summary>True when each channel has its own weights.</summary>
    public bool IsDepthwise { get; }

    /// <summary>Channels of the input.</summary>
    public int Channels { get; }

    /// <summary>Output positions of an image.</summary>
    public int Positions { get; }

    /// <summary>Taps of the window.</summary>
    public int Taps => _kernel.Height * _kernel.Width;

    /// <summary>Values of a patch.</summary>
    public int Size => Taps * Channels;

    /// <summary>Copies the patch of a position; zeros where the window lies outside the image.</summary>
    public void Copy(ReadOnlySpan<float> image, int position, Span<float> patch)
    {
        for (var tap = 0; tap < Taps; tap++)
        {
            var target = patch.Slice(tap * Channels, Channels);
            if (Pixel(position, tap) is { } pixel)
                image.Slice(pixel * Channels, Channels).CopyTo(target);
            else
                target.Clear();
        }
    }

    /// <summary>Adds the patches of all positions of an image.</summary>
    public void AddAll(ReadOnlySpan<float> image, Span<double> sums)
    {
        // One output row at a time in floats: short sums keep their precision.
        Span<float> row = new float[Size];
        for (var position = 0; position < Positions; position++)
        {
            for (var tap = 0; tap < Taps; tap++)
            {
                if (Pixel(position, tap) is { } pixel)
                    Rows.Add(image.Slice(pixel * Channels, Channels), row.Slice(tap * Channels, Channels));
            }

            if ((position + 1) % _outWidth != 0)
                continue;
            for (var i = 0; i < row.Length; i++)
                sums[i] += row[i];
            row.Clear();
        }
    }

    private int? Pixel(int position, int tap)
    {
        var y = (position / _outWidth * _stride.Height) - _padding.Top + (tap / _kernel.Width * _dilation.Height);
        var x = (position % _outWidth * _stride.Width) - _padding.Left + (tap % _kernel.Width * _dilation.Width);
        return (uint)y < (uint)_height && (uint)x < (uint)_width ? (y * _width) + x : null;
    }
}
