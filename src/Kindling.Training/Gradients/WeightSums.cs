using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;
using Kindling.Training.Kernels;
using Kindling.Training.Planning;

namespace Kindling.Training.Gradients;

/// <summary>How the weight gradient of a convolution or depthwise convolution is summed up by groups of images and joined.</summary>
internal sealed class WeightSums
{
    private readonly ConvWindow _window;
    private readonly WeightGradientLayout? _layout;
    private readonly bool _isPadded;
    private readonly bool _hasBias;
    private readonly Shape _output;

    /// <summary>Lays the sums out.</summary>
    public WeightSums(Node node, ConvWindow window, ImageGroups groups, PlannedView x, Shape output, bool hasBias, int parts)
    {
        _window = window;
        _hasBias = hasBias;
        _output = output.WithBatch(groups.Images);
        var channels = x.Shape.Channels;
        if (node.Operator is DepthwiseConv2D)
        {
            _isPadded = true;
            PartialShape = new Shape(parts, (window.Rows * window.Columns) + 1, channels);
            return;
        }

        _isPadded = WeightGradientLayout.TakesRows(window, channels, x.PixelStride);
        var images = x.Shape.WithBatch(groups.Images);
        _layout = _isPadded
            ? new WeightGradientLayout(window with { Padding = Padding.None }, PaddedImages.ShapeOf(window, images, _output), channels, _output, hasBias, parts)
            : new WeightGradientLayout(window, images, x.PixelStride, _output, hasBias, parts);
        PartialShape = new Shape(parts, _layout.Rows + 1, _layout.Columns);
    }

    /// <summary>The sums of all parts.</summary>
    public Shape PartialShape { get; }

    /// <summary>The input between zeros, if the sums want it so.</summary>
    public PaddedImages? Padded(TensorView x, Normalization? normalization) =>
        _isPadded ? new PaddedImages(_window, x, _output, normalization) : null;

    /// <summary>What adds a group's images to a part's sums.</summary>
    public IWeightGradientSums Create(TensorView x, TensorView dy)
    {
        var padded = _isPadded ? PaddedImages.ShapeOf(_window, x.Shape, _output) : x.Shape;
        return _layout is null
            ? new DepthwiseWeightGradientSums(_window, padded, dy, _hasBias)
            : new ConvWeightGradientSums(_layout, x with { Shape = padded, PixelStride = _isPadded ? padded.Channels : x.PixelStride }, dy);
    }

    /// <summary>Joins the parts.</summary>
    public Kernel JoinKernel(TensorView partials, TensorView? weights, TensorView? bias) => _layout is null
        ? new DepthwiseWeightSumKernel(partials, weights, bias)
        : new ConvWeightSumKernel(_layout, partials, weights, bias);
}
