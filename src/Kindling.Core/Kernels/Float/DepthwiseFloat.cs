using Kindling.Execution;
using Kindling.Graphs.Operators;
using Kindling.Kernels.Float.Convolution;
using Kindling.Kernels.Float.Simd;

namespace Kindling.Kernels.Float;

/// <summary>
/// Depthwise convolution: vectors over channels, eight output pixels of a row at a time. Taps outside the image are left out, not
/// multiplied by zero, so nothing is copied. Both views may have gaps between pixels.
/// </summary>
internal sealed unsafe class DepthwiseFloat : Kernel, IDisposable
{
    private const double LeastMacs = 1 << 17;
    private readonly TensorView _input;
    private readonly TensorView _output;
    private readonly FloatSource _weightSource;
    private readonly FloatSource? _biasSource;
    private readonly Size2D _kernel;
    private readonly ConvSettings _settings;
    private readonly bool _isFlipped;
    private readonly VectorWidth _width;
    private readonly NativeBuffer _weights;
    private readonly NativeBuffer _bias;
    private readonly WorkSplit _split;
    private readonly int _firstInside;
    private readonly int _lastInside;

    /// <summary>Binds a depthwise convolution to its memory.</summary>
    /// <param name="input"><c>[N, H, W, C]</c>.</param>
    /// <param name="output"><c>[N, OH, OW, C]</c>.</param>
    /// <param name="kernel">Extents of the window.</param>
    /// <param name="weights"><c>[KH, KW, C]</c>.</param>
    /// <param name="bias"><c>[C]</c>; null for zeros.</param>
    /// <param name="settings">Stride, padding, dilation, activation.</param>
    /// <param name="isFlipped">True turns the window by 180 degrees: the gradient of the input of a convolution with stride 1.</param>
    /// <param name="width">The registers to use; null for the best.</param>
    public DepthwiseFloat(
        TensorView input, TensorView output, Size2D kernel, FloatSource weights, FloatSource? bias, ConvSettings settings,
        bool isFlipped = false, VectorWidth? width = null)
    {
        _input = input;
        _output = output;
        _kernel = kernel;
        _weightSource = weights;
        _biasSource = bias;
        _settings = settings;
        _isFlipped = isFlipped;
        _width = width ?? VectorWidths.Best;
        var channels = input.Shape.Channels;
        _weights = new NativeBuffer((long)kernel.Height * kernel.Width * channels * sizeof(float));
        _bias = new NativeBuffer((long)channels * sizeof(float));
        var shape = output.Shape;
        _split = WorkSplit.By(shape.Batch * shape.Height, (double)shape.Width * channels * kernel.Height * kernel.Width, LeastMacs);

        var stride = settings.Stride.Width;
        var reach = (kernel.Width - 1) * settings.Dilation.Width;
        _firstInside = Math.Min((settings.Padding.Left + stride - 1) / stride, shape.Width);
        var room = input.Shape.Width - 1 - reach + settings.Padding.Left;
        _lastInside = Math.Clamp(room < 0 ? 0 : (room / stride) + 1, _firstInside, shape.Width);
    }

    /// <inheritdoc/>
    public override int Chunks => _split.Chunks;

    /// <inheritdoc/>
    public override void Prepare()
    {
        var channels = _input.Shape.Channels;
        var taps = _kernel.Height * _kernel.Width;
        var source = _weightSource();
        for (var tap = 0; tap < taps; tap++)
        {
            var from = source.Slice((_isFlipped ? taps - 1 - tap : tap) * channels, channels);
            from.CopyTo(new Span<float>(_weights.Floats + (tap * channels), channels));
        }

        if (_biasSource is not null)
            _biasSource()[..channels].CopyTo(new Span<float>(_bias.Floats, channels));
    }

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var last = _split.First(chunk + 1);
        for (var line = _split.First(chunk); line < last; line++)
        {
            var (image, row) = Math.DivRem(line, _output.Shape.Height);
            RunRow(image, row);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _weights.Dispose();
        _bias.Dispose();
    }

    private void RunRow(int image, int row)
    {
        var (height, channels) = (_input.Shape.Height, _input.Shape.Channels);
        var top = (row * _settings.Stride.Height) - _settings.Padding.Top;
        var (firstRow, rows) = Window(top, _kernel.Height, _settings.Dilation.Height, height);
        var (min, max) = _settings.Activation.Range();
        var output = _output.Floats + ((((nint)image * _output.Shape.Height) + row) * _output.Shape.Width * _output.PixelStride);
        var loop = new DepthwiseLoop
        {
            PixelStep = (nint)_settings.Stride.Width * _input.PixelStride,
            RowStep = (nint)_settings.Dilation.Height * _input.Shape.Width * _input.PixelStride,
            TapStep = (nint)_settings.Dilation.Width * _input.PixelStride,
            Rows = rows,
            WeightStep = channels,
            WeightRowStep = (nint)_kernel.Width * channels,
            OutputStep = _output.PixelStride,
            SeedStep = _settings.Accumulate ? _output.PixelStride : 0,
            Min = min,
            Max = max,
        };
        var inputRow = _input.Floats
            + ((((nint)image * height) + top + (firstRow * _settings.Dilation.Height)) * _input.Shape.Width * _input.PixelStride);
        var weightRow = _weights.Floats + (firstRow * loop.WeightRowStep);

        for (var x = 0; x < _output.Shape.Width;)
        {
            var left = (x * _settings.Stride.Width) - _settings.Padding.Left;
            var isInside = x >= _firstInside && x < _lastInside;
            var (firstTap, taps) = isInside ? (0, _kernel.Width) : Window(left, _kernel.Width, _settings.Dilation.Width, _input.Shape.Width);
            var room = isInside ? _lastInside - x : 1;
            loop.Pixels = room >= 8 ? 8 : room >= 4 ? 4 : 1;
            loop.Columns = taps;
            loop.Input = inputRow + ((nint)(left + (firstTap * _settings.Dilation.Width)) * _input.PixelStride);
            loop.Weights = weightRow + (firstTap * loop.WeightStep);
            loop.Output = output + ((nint)x * _output.PixelStride);
            loop.Seed = _settings.Accumulate ? loop.Output : _bias.Floats;
            ChannelLoops.Run(loop, channels, _width);
            x += loop.Pixels;
        }
    }

    /// <summary>The taps of a window that starts at <paramref name="start"/> and lie inside 0 to <paramref name="extent"/>.</summary>
    private static (int First, int Count) Window(int start, int taps, int dilation, int extent)
    {
        var first = start >= 0 ? 0 : Math.Min(taps, (-start + dilation - 1) / dilation);
        var end = extent <= start ? 0 : Math.Min(taps, ((extent - start - 1) / dilation) + 1);
        return (first, Math.Max(0, end - first));
    }
}
