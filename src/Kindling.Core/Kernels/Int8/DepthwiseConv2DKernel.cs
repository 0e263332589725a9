using System.Runtime.CompilerServices;
using Kindling.Execution;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Kernels.Int8;

/// <summary>
/// DEPTHWISE_CONV_2D: input rows widened to 16 bits in scratch memory, channels padded to whole vectors, four neighbouring pixels at a time
/// (with 8 lanes two taps and 16 channels at once, see <see cref="DepthwiseTapPairs"/>). One chunk is some output rows.
/// </summary>
internal sealed unsafe class DepthwiseConv2DKernel<TLanes, TVector> : Kernel, IDisposable
    where TLanes : struct, IInt8Lanes<TVector>
    where TVector : struct
{
    private const int TilePixels = 4;

    // Rows that neighbouring chunks share are widened twice, which costs the more the faster the sums are.
    private static readonly int MacsPerChunk = TLanes.Width == DepthwiseTapPairs.Lanes ? 160_000 : 40_000;
    private const int MostScratchBytes = 192 * 1024;
    private readonly TensorView _input;
    private readonly TensorView _output;
    private readonly Tensor _weights;
    private readonly ConvolutionParameters _parameters;
    private readonly ConvolutionGeometry _geometry;
    private readonly NativeBuffer _packed;
    private readonly NativeBuffer _table;
    private readonly NativeBuffer _offsets;
    private readonly RequantizationTable _requantization;
    private readonly DepthwiseTapPairs? _pairs;
    private readonly int _pitch;
    private readonly int _taps;
    private readonly int _rowsPerChunk;
    private readonly int _rowChunks;

    public DepthwiseConv2DKernel(KernelContext context, DepthwiseConv2D op, ConvolutionParameters parameters)
    {
        _input = context.Inputs[0];
        _output = context.Output;
        _weights = context.Node.Inputs[1].Constant!;
        _parameters = parameters;
        var shape = context.Inputs[1].Shape;
        var (input, output) = (_input.Shape, _output.Shape);
        _geometry = new ConvolutionGeometry(
            output.Batch, new Size2D(input.Height, input.Width), input.Channels, new Size2D(output.Height, output.Width), output.Channels,
            new Size2D(shape[0], shape[1]), op.Stride, op.Dilation, op.Padding.Top, op.Padding.Left);
        _taps = shape[0] * shape[1];
        if (TLanes.Width == DepthwiseTapPairs.Lanes)
            _pairs = new DepthwiseTapPairs(_geometry.Kernel, op.Dilation, input.Channels, op.Stride.Width);
        var unit = _pairs?.Channels ?? TLanes.Width;
        _pitch = (input.Channels + unit - 1) / unit * unit;

        var macsPerRow = (long)output.Width * _pitch * _taps;
        var rows = (int)Math.Clamp(MacsPerChunk / Math.Max(1, macsPerRow), 1, output.Height);
        while (rows > 1 && RowBytes(rows) > MostScratchBytes)
            rows = (rows + 1) / 2;
        _rowsPerChunk = rows;
        _rowChunks = (output.Height + rows - 1) / rows;

        _packed = new NativeBuffer(_pairs?.WeightBytes(_pitch) ?? ((long)_taps * _pitch * sizeof(int)));
        _table = new NativeBuffer(RequantizationTable.BytesFor(_pitch));
        _requantization = RequantizationTable.Create(_table, _pitch, parameters);
        // One more: the partner of an odd number's last tap, which is the tap itself.
        _offsets = new NativeBuffer((_taps + 1) * sizeof(int));
        for (var i = 0; i <= _taps; i++)
        {
            var tap = Math.Min(i, _taps - 1);
            ((int*)_offsets.Bytes)[i] = ((tap / shape[1] * op.Dilation.Height * _geometry.PaddedWidth) + (tap % shape[1] * op.Dilation.Width)) * _pitch;
        }
    }

    /// <inheritdoc/>
    public override int Chunks => _geometry.Images * _rowChunks;

    /// <inheritdoc/>
    public override int ScratchBytes => SumBytes + (int)RowBytes(_rowsPerChunk);

    private int SumBytes => _pairs is null ? TilePixels * TLanes.Width * sizeof(int) : DepthwiseTapPairs.SumBytes;

    /// <inheritdoc/>
    public override void Prepare()
    {
        var weights = _weights.AsSpan<sbyte>();
        var packed = (int*)_packed.Bytes;
        var channels = _geometry.InputChannels;
        if (_pairs is not null)
        {
            _pairs.Pack(weights, channels, packed);
            return;
        }

        for (var tap = 0; tap < _taps; tap++)
        {
            // The upper half of each pair is 0, so that the sign extension of the input beside it does not count.
            for (var c = 0; c < channels; c++)
                packed[(tap * _pitch) + c] = weights[(tap * channels) + c] & 0xFFFF;
        }
    }

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var image = chunk / _rowChunks;
        var firstRow = chunk % _rowChunks * _rowsPerChunk;
        var rows = Math.Min(_rowsPerChunk, _geometry.Output.Height - firstRow);
        var sums = (int*)scratch;
        var widened = (short*)(scratch + SumBytes);
        WidenedRows.Fill(
            widened, _pitch, _input, _geometry, image, (firstRow * _geometry.Stride.Height) - _geometry.Top,
            _geometry.InputRows(rows), _parameters.InputZeroPoint);
        var rowStep = (nint)_geometry.Stride.Height * _geometry.PaddedWidth * _pitch;
        var step = (nint)_geometry.Stride.Width * _pitch;
        var (width, channels) = (_geometry.Output.Width, _geometry.OutputChannels);
        var output = _output.SBytes + ((((long)image * _geometry.Output.Height) + firstRow) * width * _output.PixelStride);
        var (offsets, packed) = ((nint)_offsets.Bytes, (nint)_packed.Bytes);
        for (var row = 0; row < rows; row++, widened += rowStep, output += (nint)width * _output.PixelStride)
        {
            if (_pairs is not null)
            {
                _pairs.Row(widened, step, width, (int*)offsets, (int*)packed, sums, output, _output.PixelStride, _requantization, channels);
                continue;
            }

            for (var channel = 0; channel < channels; channel += TLanes.Width)
            {
                for (var x = 0; x < width; x += TilePixels)
                {
                    // Missing pixels repeat the last one and are not stored.
                    var count = Math.Min(TilePixels, width - x);
                    Sum(widened + (x * step) + channel, step, count - 1, (int*)offsets, _taps, (int*)packed + channel, _pitch,
                        _requantization.Bias + channel, sums);
                    StoredSums.Store<TLanes, TVector>(
                        output + ((nint)x * _output.PixelStride) + channel, _output.PixelStride, sums, TLanes.Width, count, 1, _requantization, channel, channels);
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _packed.Dispose();
        _table.Dispose();
        _offsets.Dispose();
    }

    private long RowBytes(int rows) => (((long)_geometry.InputRows(rows) * _geometry.PaddedWidth) + (_pairs?.PixelsBehind ?? 0)) * _pitch * sizeof(short);

    // No calls in here and the sums go to memory: otherwise the compiler keeps them there all the time.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum(short* x0, nint step, int last, int* offsets, int taps, int* weights, nint pitch, int* bias, int* sums)
    {
        var x1 = x0 + (Math.Min(1, last) * step);
        var x2 = x0 + (Math.Min(2, last) * step);
        var x3 = x0 + (Math.Min(3, last) * step);
        TVector a0 = TLanes.Load(bias), a1 = a0, a2 = a0, a3 = a0;
        for (var end = offsets + taps; offsets < end; offsets++, weights += pitch)
        {
            var w = TLanes.Load(weights);
            nint offset = *offsets;
            a0 = TLanes.MultiplyAddPairs(a0, TLanes.LoadWidened(x0 + offset), w);
            a1 = TLanes.MultiplyAddPairs(a1, TLanes.LoadWidened(x1 + offset), w);
            a2 = TLanes.MultiplyAddPairs(a2, TLanes.LoadWidened(x2 + offset), w);
            a3 = TLanes.MultiplyAddPairs(a3, TLanes.LoadWidened(x3 + offset), w);
        }

        TLanes.StoreSums(sums, a0);
        TLanes.StoreSums(sums + TLanes.Width, a1);
        TLanes.StoreSums(sums + (2 * TLanes.Width), a2);
        TLanes.StoreSums(sums + (3 * TLanes.Width), a3);
    }
}
