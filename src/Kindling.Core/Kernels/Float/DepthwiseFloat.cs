using Kindling.Execution;
using Kindling.Graphs.Operators;
using Kindling.Kernels.Float.Convolution;
using Kindling.Kernels.Float.Simd;

namespace Kindling.Kernels.Float;

/// <summary>
/// Depthwise convolution: vectors over channels, up to eight output pixels of a row at a time. Taps outside the image are left out, not
/// multiplied by zero, so nothing is copied. Both views may have gaps between pixels.
/// </summary>
internal sealed unsafe class DepthwiseFloat : Kernel, IImageKernel, IDisposable
{
    private const double LeastMacs = 1 << 16;
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
    private readonly NativeBuffer _segments;
    private readonly int _segmentCount;
    private readonly WorkSplit _split;

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
        var segments = PlanRow();
        _segmentCount = segments.Count;
        _segments = new NativeBuffer((long)segments.Count * sizeof(DepthwiseSegment));
        segments.CopyTo(new Span<DepthwiseSegment>(_segments.Bytes, segments.Count));
    }

    /// <inheritdoc/>
    public override int Chunks => _split.Chunks;

    /// <inheritdoc/>
    public override void Prepare()
    {
        if (_biasSource is not null)
            _biasSource()[..Channels].CopyTo(new Span<float>(_bias.Floats, Channels));
        var loop = new PackLoop { Weights = _weights.Floats, Taps = _kernel.Height * _kernel.Width, Channels = Channels, IsFlipped = _isFlipped };
        fixed (float* source = _weightSource())
        {
            loop.Source = source;
            ChannelLoops.Run(loop, Channels, _width);
        }
    }

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch) =>
        RunRows(_input.Floats, _output.Floats, _split.First(chunk), _split.First(chunk + 1));

    /// <inheritdoc/>
    public void Run(float* input, float* output, byte* scratch) =>
        RunRows(input, output, 0, _output.Shape.Batch * _output.Shape.Height);

    /// <inheritdoc/>
    public void Dispose()
    {
        _weights.Dispose();
        _bias.Dispose();
        _segments.Dispose();
    }

    private int Channels => _input.Shape.Channels;

    private void RunRows(float* input, float* output, int first, int last)
    {
        for (var line = first; line < last; line++)
        {
            var (image, row) = Math.DivRem(line, _output.Shape.Height);
            RunRow(input, output, image, row);
        }
    }

    private void RunRow(float* input, float* output, int image, int row)
    {
        var (height, width) = (_input.Shape.Height, _input.Shape.Width);
        var top = (row * _settings.Stride.Height) - _settings.Padding.Top;
        var (firstRow, rows) = Window(top, _kernel.Height, _settings.Dilation.Height, height);
        var (min, max) = _settings.Activation.Range();
        var y = top + (firstRow * _settings.Dilation.Height);
        var loop = new DepthwiseLoop
        {
            Segments = (DepthwiseSegment*)_segments.Bytes,
            SegmentCount = _segmentCount,
            FirstRow = firstRow,
            Rows = rows,
            KernelRows = _kernel.Height,
            KernelColumns = _kernel.Width,
            Input = input + ((((nint)image * height) + y) * width * _input.PixelStride),
            PixelStep = (nint)_settings.Stride.Width * _input.PixelStride,
            RowStep = (nint)_settings.Dilation.Height * width * _input.PixelStride,
            TapStep = (nint)_settings.Dilation.Width * _input.PixelStride,
            Weights = _weights.Floats,
            Bias = _bias.Floats,
            Output = output + ((((nint)image * _output.Shape.Height) + row) * _output.Shape.Width * _output.PixelStride),
            OutputStep = _output.PixelStride,
            Accumulate = _settings.Accumulate,
            Min = min,
            Max = max,
        };
        ChannelLoops.Run(loop, Channels, _width);
    }

    /// <summary>Cuts a row into pixels at the borders and blocks of eight and four between them.</summary>
    private List<DepthwiseSegment> PlanRow()
    {
        var (stride, dilation, left) = (_settings.Stride.Width, _settings.Dilation.Width, _settings.Padding.Left);
        var (columns, width) = (_output.Shape.Width, _input.Shape.Width);
        var firstInside = Math.Min((left + stride - 1) / stride, columns);
        var room = width - 1 - ((_kernel.Width - 1) * dilation) + left;
        var lastInside = Math.Clamp(room < 0 ? 0 : (room / stride) + 1, firstInside, columns);
        var segments = new List<DepthwiseSegment>();
        for (var x = 0; x < columns;)
        {
            var isInside = x >= firstInside && x < lastInside;
            var (first, pixels, repeat) = isInside ? Block(x, firstInside, lastInside) : (x, 1, 1);
            var start = (first * stride) - left;
            var (firstTap, taps) = Window(start, _kernel.Width, dilation, width);
            segments.Add(new DepthwiseSegment(
                pixels, repeat, firstTap, taps, (nint)(start + (firstTap * dilation)) * _input.PixelStride, (nint)first * _output.PixelStride));
            x = first + (pixels * repeat);
        }

        return segments;
    }

    /// <summary>
    /// The next blocks at or behind pixel <paramref name="x"/>: rather some pixels twice than one at a time, unless sums would be added twice.
    /// </summary>
    private (int First, int Pixels, int Repeat) Block(int x, int firstInside, int lastInside)
    {
        var room = lastInside - x;
        var inside = _settings.Accumulate ? room : lastInside - firstInside;
        if (room >= 8)
            return (x, 8, room / 8);
        if (room > 4 && inside >= 8)
            return (lastInside - 8, 8, 1);
        if (room >= 4)
            return (x, 4, 1);
        return room > 1 && inside >= 4 ? (lastInside - 4, 4, 1) : (x, 1, room);
    }

    /// <summary>The taps of a window that starts at <paramref name="start"/> and lie inside 0 to <paramref name="extent"/>.</summary>
    private static (int First, int Count) Window(int start, int taps, int dilation, int extent)
    {
        var first = start >= 0 ? 0 : Math.Min(taps, (-start + dilation - 1) / dilation);
        var end = extent <= start ? 0 : Math.Min(taps, ((extent - start - 1) / dilation) + 1);
        return (first, Math.Max(0, end - first));
    }

    /// <summary>Brings the weights into the order <see cref="DepthwiseLoop"/> reads them.</summary>
    private struct PackLoop : IChannelLoop
    {
        public float* Source;
        public float* Weights;
        public int Taps;
        public int Channels;
        public bool IsFlipped;

        public readonly void Run<TSimd, TVector>(int from, int to)
            where TSimd : ISimd<TVector>
            where TVector : struct
        {
            for (var c = from; c < to; c += TSimd.Count)
            {
                for (var tap = 0; tap < Taps; tap++)
                {
                    var source = Source + ((nint)(IsFlipped ? Taps - 1 - tap : tap) * Channels) + c;
                    TSimd.Store(TSimd.Load(source), Weights + ((nint)c * Taps) + ((nint)tap * TSimd.Count));
                }
            }
        }
    }
}
