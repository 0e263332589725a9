using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Kindling.Execution;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Kernels.Int8;

/// <summary>Creates the vector kernel for DEPTHWISE_CONV_2D.</summary>
internal static class DepthwiseConv2DKernel
{
    /// <summary>The kernel, as wide as the machine and the number of channels allow (or of given width, for tests).</summary>
    public static Kernel Create(KernelContext context, DepthwiseConv2D op, ConvolutionParameters parameters, int lanes = 0)
    {
        if (lanes == 0)
            lanes = Conv2DKernel.WidestLanes(context.Output.Shape.Channels);
        return lanes switch
        {
            16 => new DepthwiseConv2DKernel<Lanes512, Vector512<int>>(context, op, parameters),
            8 => new DepthwiseConv2DKernel<Lanes256, Vector256<int>>(context, op, parameters),
            _ => new DepthwiseConv2DKernel<Lanes128, Vector128<int>>(context, op, parameters),
        };
    }
}

/// <summary>
/// DEPTHWISE_CONV_2D: input rows widened to 16 bits in scratch memory, channels padded to whole vectors, four neighbouring pixels at a time.
/// One chunk is some output rows.
/// </summary>
internal sealed unsafe class DepthwiseConv2DKernel<TLanes, TVector> : Kernel, IDisposable
    where TLanes : struct, IInt8Lanes<TVector>
    where TVector : struct
{
    private const int TilePixels = 4;
    private const int MacsPerChunk = 40_000;
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
        _pitch = (input.Channels + TLanes.Width - 1) / TLanes.Width * TLanes.Width;
        _taps = shape[0] * shape[1];

        var macsPerRow = (long)output.Width * _pitch * _taps;
        var rows = (int)Math.Clamp(MacsPerChunk / Math.Max(1, macsPerRow), 1, output.Height);
        while (rows > 1 && RowBytes(rows) > MostScratchBytes)
            rows = (rows + 1) / 2;
        _rowsPerChunk = rows;
        _rowChunks = (output.Height + rows - 1) / rows;

        _packed = new NativeBuffer((long)_taps * _pitch * sizeof(int));
        _table = new NativeBuffer(RequantizationTable.BytesFor(_pitch));
        _requantization = RequantizationTable.Create(_table, _pitch, parameters);
        _offsets = new NativeBuffer(_taps * sizeof(int));
        for (var tap = 0; tap < _taps; tap++)
        {
            ((int*)_offsets.Bytes)[tap] = ((tap / shape[1] * op.Dilation.Height * _geometry.PaddedWidth) + (tap % shape[1] * op.Dilation.Width)) * _pitch;
        }
    }

    /// <inheritdoc/>
    public override int Chunks => _geometry.Images * _rowChunks;

    /// <inheritdoc/>
    public override int ScratchBytes => (int)RowBytes(_rowsPerChunk);

    /// <inheritdoc/>
    public override void Prepare()
    {
        var weights = _weights.AsSpan<sbyte>();
        var packed = (int*)_packed.Bytes;
        var channels = _geometry.InputChannels;
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
        var widened = (short*)scratch;
        WidenedRows.Fill(
            widened, _pitch, _input, _geometry, image, (firstRow * _geometry.Stride.Height) - _geometry.Top,
            _geometry.InputRows(rows), _parameters.InputZeroPoint);
        var rowStep = (long)_geometry.Stride.Height * _geometry.PaddedWidth * _pitch;
        var output = _output.SBytes
            + ((((long)image * _geometry.Output.Height) + firstRow) * _geometry.Output.Width * _output.PixelStride);
        for (var row = 0; row < rows; row++)
        {
            for (var channel = 0; channel < _geometry.InputChannels; channel += TLanes.Width)
            {
                for (var x = 0; x < _geometry.Output.Width; x += TilePixels)
                {
                    var count = Math.Min(TilePixels, _geometry.Output.Width - x);
                    Tile(widened + (row * rowStep) + channel, x, count, channel, output);
                }
            }

            output += (long)_geometry.Output.Width * _output.PixelStride;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _packed.Dispose();
        _table.Dispose();
        _offsets.Dispose();
    }

    private long RowBytes(int rows) => (long)_geometry.InputRows(rows) * _geometry.PaddedWidth * _pitch * sizeof(short);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Tile(short* widened, int x, int count, int channel, sbyte* output)
    {
        // Missing pixels repeat the last one and are not stored.
        var step = _geometry.Stride.Width * _pitch;
        var x0 = widened + (x * step);
        var x1 = x0 + (Math.Min(1, count - 1) * step);
        var x2 = x0 + (Math.Min(2, count - 1) * step);
        var x3 = x0 + (Math.Min(3, count - 1) * step);
        var seed = TLanes.Load(_requantization.Bias + channel);
        TVector a0 = seed, a1 = seed, a2 = seed, a3 = seed;
        var weights = (int*)_packed.Bytes + channel;
        var offsets = (int*)_offsets.Bytes;
        for (var tap = 0; tap < _taps; tap++, weights += _pitch)
        {
            var w = TLanes.Load(weights);
            var offset = offsets[tap];
            a0 = TLanes.MultiplyAddPairs(a0, TLanes.LoadWidened(x0 + offset), w);
            a1 = TLanes.MultiplyAddPairs(a1, TLanes.LoadWidened(x1 + offset), w);
            a2 = TLanes.MultiplyAddPairs(a2, TLanes.LoadWidened(x2 + offset), w);
            a3 = TLanes.MultiplyAddPairs(a3, TLanes.LoadWidened(x3 + offset), w);
        }

        var stride = _output.PixelStride;
        var target = output + ((long)x * stride) + channel;
        Store(target, a0, channel);
        if (count > 1)
            Store(target + stride, a1, channel);
        if (count > 2)
            Store(target + (2 * stride), a2, channel);
        if (count > 3)
            Store(target + (3 * stride), a3, channel);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Store(sbyte* target, TVector sums, int channel)
    {
        if (channel + TLanes.Width <= _geometry.OutputChannels)
        {
            TLanes.Store(target, sums, _requantization, channel);
            return;
        }

        var bytes = stackalloc sbyte[16];
        TLanes.Store(bytes, sums, _requantization, channel);
        for (var i = 0; channel + i < _geometry.OutputChannels; i++)
            target[i] = bytes[i];
    }
}
