using Kindling.Execution;
using Kindling.Graphs.Operators;

namespace Kindling.Training.Kernels;

/// <summary>
/// The weight gradient of a first convolution behind which a max pool follows: image by image the pool's gradient is spread in scratch memory and summed
/// up there, so that the gradient at the convolution's output is never stored. A chunk is one part of the sums.
/// </summary>
internal sealed unsafe class PooledConvolutionGradientKernel : Kernel
{
    private readonly (float Min, float Max) _clipping;
    private readonly TensorView _x;
    private readonly TensorView _y;
    private readonly TensorView _places;
    private readonly TensorView _dy;
    private readonly TensorView _partials;
    private readonly PaddedImages? _padded;
    private readonly IWeightGradientSums _sums;
    private readonly LargestPlaces _pool;
    private readonly int _channels;
    private readonly int _imageBytes;
    private readonly int _paddedBytes;

    /// <summary>Binds the kernel.</summary>
    /// <param name="op">The pool.</param>
    /// <param name="clipping">The convolution's activation.</param>
    /// <param name="x">The images.</param>
    /// <param name="convolved">The convolution's output, which is not stored.</param>
    /// <param name="y">The pool's output.</param>
    /// <param name="places">Where its values came from.</param>
    /// <param name="dy">The gradient at the pool's output; clipped in place.</param>
    /// <param name="partials">The sums, a part after the other.</param>
    /// <param name="padded">The images as the sums want them.</param>
    /// <param name="sums">Adds up one image.</param>
    public PooledConvolutionGradientKernel(
        MaxPool2D op, (float Min, float Max) clipping, TensorView x, TensorView convolved, TensorView y, TensorView places, TensorView dy, TensorView partials,
        PaddedImages? padded, IWeightGradientSums sums)
    {
        _clipping = clipping;
        (_x, _y, _places, _dy, _partials) = (x, y, places, dy, partials);
        _padded = padded;
        _sums = sums;
        _pool = new LargestPlaces(op, convolved, y);
        _channels = convolved.Shape.Channels;
        _imageBytes = Bytes(convolved.Shape.ElementCount / convolved.Shape.Batch);
        _paddedBytes = padded is null ? 0 : Bytes(padded.Shape.ElementCount);
    }

    /// <inheritdoc/>
    public override int Chunks => _partials.Shape[0];

    /// <inheritdoc/>
    public override int ScratchBytes => checked(_imageBytes + _paddedBytes + _sums.ScratchBytes);

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var images = new ImageGroups(1, _y.Shape.Batch);
        var gradient = (float*)scratch;
        var sums = _partials.Floats + ((nint)chunk * _sums.SumFloats);
        new Span<float>(sums, _sums.SumFloats).Clear();
        var last = (int)((long)images.Count * (chunk + 1) / Chunks);
        for (var n = (int)((long)images.Count * chunk / Chunks); n < last; n++)
        {
            var dy = _dy.Floats + (n * images.Step(_dy));
            ActivationGradientKernel.Mask(
                _y.Floats + (n * images.Step(_y)), _y.PixelStride, dy, _dy.PixelStride, _y.Shape.Pixels / _y.Shape.Batch, _y.Shape.Channels, _clipping);
            _pool.Spread(dy, _dy.PixelStride, (byte*)_places.Data + ((nint)n * (_y.Shape.ElementCount / _y.Shape.Batch)), gradient, _channels);
            var x = _x.Floats + (n * images.Step(_x));
            if (_padded is not null)
                _padded.Fill(x, x = (float*)(scratch + _imageBytes));
            _sums.Add(x, gradient, sums, scratch + _imageBytes + _paddedBytes);
        }
    }

    // Tiles read up to three vectors beyond the last pixel.
    private static int Bytes(int floats) => checked((floats * sizeof(float)) + 256 + 63) & -64;
}
