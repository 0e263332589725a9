using Kindling.Execution;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Training.Kernels;

/// <summary>Images copied (and normalized) between zeros, so that every tap of a window lies inside.</summary>
internal sealed unsafe class PaddedImages
{
    private readonly TensorView _source;
    private readonly Padding _padding;
    private readonly Normalization? _normalization;

    /// <summary>Lays the copies out.</summary>
    /// <param name="window">The window that slides over them.</param>
    /// <param name="source">The images.</param>
    /// <param name="output">The positions of the window.</param>
    /// <param name="normalization">Applied on the way; null copies.</param>
    public PaddedImages(ConvWindow window, TensorView source, Shape output, Normalization? normalization)
    {
        _source = source;
        _padding = window.Padding;
        _normalization = normalization;
        Shape = ShapeOf(window, source.Shape, output);
    }

    /// <summary>What is needed of the padded images.</summary>
    public Shape Shape { get; }

    /// <summary>What is needed of the padded images for all positions of a window.</summary>
    public static Shape ShapeOf(ConvWindow window, Shape images, Shape output) => new(
        images.Batch,
        ((output.Height - 1) * window.Stride.Height) + ((window.Rows - 1) * window.Dilation.Height) + 1,
        ((output.Width - 1) * window.Stride.Width) + ((window.Columns - 1) * window.Dilation.Width) + 1,
        images.Channels);

    /// <summary>Copies the images.</summary>
    public void Fill(float* images, float* target)
    {
        var (height, width, channels) = (_source.Shape.Height, _source.Shape.Width, _source.Shape.Channels);
        var left = Math.Min(_padding.Left, Shape.Width);
        var inside = Math.Min(width, Shape.Width - left);
        var right = Shape.Width - left - inside;
        for (var n = 0; n < Shape.Batch; n++, images += (nint)height * width * _source.PixelStride)
        {
            for (var row = 0; row < Shape.Height; row++)
            {
                var y = row - _padding.Top;
                if (y < 0 || y >= height)
                {
                    new Span<float>(target, Shape.Width * channels).Clear();
                    target += Shape.Width * channels;
                    continue;
                }

                new Span<float>(target, left * channels).Clear();
                target += left * channels;
                var source = images + ((nint)y * width * _source.PixelStride);
                if (_normalization is not null)
                    _normalization.Apply(source, target, inside * channels);
                else
                    Kindling.Kernels.Float.PixelCopy.Copy(source, _source.PixelStride, target, channels, inside, channels);
                target += inside * channels;
                new Span<float>(target, right * channels).Clear();
                target += right * channels;
            }
        }
    }
}
