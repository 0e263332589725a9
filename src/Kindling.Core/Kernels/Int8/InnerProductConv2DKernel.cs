using System.Runtime.Intrinsics;
using Kindling.Execution;
using Kindling.Tensors;

namespace Kindling.Kernels.Int8;

/// <summary>
/// CONV_2D as a matrix product by Winograd's inner product (see <see cref="InnerProductTile"/>): the windows of some output rows packed in scratch memory
/// (see <see cref="PackedWindows"/>), weights packed as <c>[output channels / 16][quads of taps][2 pairs][16][2]</c>. One chunk is some rows of some
/// output channels.
/// </summary>
internal sealed unsafe class InnerProductConv2DKernel : Kernel, IDisposable
{
    private const int MacsPerChunk = 300_000;
    private const int MostChunks = 32;

    // Fewer would read all weights too often.
    private const int PixelsPerChunk = 64;
    private const int MostScratchBytes = 256 * 1024;

    // Every group of channels packs its windows anew.
    private const int FewestBlocksOfGroup = 16;

    // Pixels that are requantized by one call.
    private const int BatchPixels = 48;

    // Weights of a block that stay in the nearest cache beside the inputs.
    private const int MostQuads = 128;
    private const int TilePixels = InnerProductTile.Pixels;
    private const int BlockChannels = InnerProductTile.Channels;
    private const int SumBytes = BatchPixels * BlockChannels * sizeof(int);
    private readonly TensorView _input;
    private readonly TensorView _output;
    private readonly Tensor _weights;
    private readonly ConvolutionParameters _parameters;
    private readonly ConvolutionGeometry _geometry;
    private readonly NativeBuffer _packed;
    private readonly NativeBuffer _table;
    private readonly NativeBuffer _segmentOffsets;
    private readonly RequantizationTable _requantization;
    private readonly int _segments;
    private readonly int _run;
    private readonly int _taps;
    private readonly int _quads;
    private readonly int _pitch;
    private readonly int _rowsPerChunk;
    private readonly int _rowChunks;
    private readonly int _blocks;
    private readonly int _groups;

    // Windows are read where they are.
    private readonly bool _isInPlace;

    public InnerProductConv2DKernel(KernelContext context, ConvolutionGeometry geometry, ConvolutionParameters parameters)
    {
        _input = context.Inputs[0];
        _output = context.Output;
        _weights = context.Node.Inputs[1].Constant!;
        _parameters = parameters;
        _geometry = geometry;

        // Without dilation a row of taps is one run of numbers; otherwise every tap is a run of its own.
        var isRun = geometry.Dilation.Width == 1;
        _segments = isRun ? geometry.Kernel.Height : geometry.Kernel.Height * geometry.Kernel.Width;
        _run = isRun ? geometry.Kernel.Width * geometry.InputChannels : geometry.InputChannels;
        _taps = _segments * _run;
        _quads = (_taps + 3) / 4;
        _pitch = (_taps + PackedWindows.Unit - 1) / PackedWindows.Unit * PackedWindows.Unit;
        _blocks = (geometry.OutputChannels + BlockChannels - 1) / BlockChannels;
        _isInPlace = geometry.Kernel == 1 && _pitch == _run && geometry is { Top: 0, Left: 0 } && geometry.PaddedWidth <= geometry.Input.Width
            && geometry.InputRows(geometry.Output.Height) <= geometry.Input.Height;

        var chunks = (int)Math.Clamp(geometry.Macs / MacsPerChunk, 1, MostChunks);
        var rows = geometry.RowsPerChunk(chunks, PixelsPerChunk, r => CorrectionBytes(r) + PackedBytes(r) + GatheredBytes(r) + RowBytes(r), MostScratchBytes);
        _rowsPerChunk = Math.Min(geometry.Output.Height, geometry.Output.Width == 1 ? (rows + TilePixels - 1) / TilePixels * TilePixels : rows);
        _rowChunks = (geometry.Output.Height + _rowsPerChunk - 1) / _rowsPerChunk;
        _groups = Math.Clamp(chunks / (_rowChunks * geometry.Images), 1, Math.Max(1, _blocks / FewestBlocksOfGroup));

        _packed = new NativeBuffer((long)_blocks * BlockShorts * sizeof(short));
        _table = new NativeBuffer(RequantizationTable.BytesFor(_blocks * BlockChannels));
        _requantization = RequantizationTable.Create(_table, _blocks * BlockChannels, parameters);
        _segmentOffsets = new NativeBuffer(_segments * sizeof(int));
        var tapsPerRow = _segments / geometry.Kernel.Height;
        for (var s = 0; s < _segments; s++)
        {
            ((int*)_segmentOffsets.Bytes)[s] = ((s / tapsPerRow * geometry.Dilation.Height * geometry.PaddedWidth)
                + (s % tapsPerRow * geometry.Dilation.Width)) * geometry.InputChannels;
        }
    }

    /// <inheritdoc/>
    public override int Chunks => _geometry.Images * _rowChunks * _groups;

    /// <inheritdoc/>
    public override int ScratchBytes =>
        SumBytes + (int)(CorrectionBytes(_rowsPerChunk) + PackedBytes(_rowsPerChunk) + GatheredBytes(_rowsPerChunk) + RowBytes(_rowsPerChunk));

    private int BlockShorts => _quads * 4 * BlockChannels;

    private int GatheredPitch => _pitch + PackedWindows.Unit;

    /// <inheritdoc/>
    public override void Prepare()
    {
        var weights = _weights.AsSpan<sbyte>();
        _requantization.ShiftBias(_parameters, weights, shift: 0);
        for (var channel = 0; channel < _geometry.OutputChannels; channel++)
        {
            var packed = (short*)_packed.Bytes + ((long)(channel / BlockChannels) * BlockShorts) + (channel % BlockChannels * 2);
            var source = weights.Slice(channel * _taps, _taps);
            for (var k = 0; k < _taps; k++)
                packed[(k / 2 * 2 * BlockChannels) + (k % 2)] = source[k];

            // The products of weights with each other that a tile adds; wraps around as the sums do.
            var products = 0;
            for (var k = 0; k < _taps; k++)
                products += k % 4 < 2 && k + 2 < _taps ? source[k] * source[k + 2] : 0;
            _requantization.Bias[channel] -= products;
        }
    }

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var group = chunk % _groups;
        var rowChunk = chunk / _groups % _rowChunks;
        var image = chunk / _groups / _rowChunks;
        var firstRow = rowChunk * _rowsPerChunk;
        var rows = Math.Min(_rowsPerChunk, _geometry.Output.Height - firstRow);
        var sums = (int*)scratch;
        var corrections = (int*)(scratch + SumBytes);
        var packed = (short*)((byte*)corrections + CorrectionBytes(_rowsPerChunk));
        Pack(image, firstRow, rows, packed, corrections, (sbyte*)packed + PackedBytes(_rowsPerChunk));

        var pixels = rows * _geometry.Output.Width;
        var output = _output.SBytes + ((((long)image * _geometry.Output.Height) + firstRow) * _geometry.Output.Width * _output.PixelStride);
        var (first, last) = (group * _blocks / _groups, (group + 1) * _blocks / _groups);
        for (var block = first; block < last; block++)
        {
            var channel = block * BlockChannels;
            var weights = (int*)((short*)_packed.Bytes + ((long)block * BlockShorts));
            var vectors = _geometry.OutputChannels - channel > Lanes256.Width ? 2 : 1;
            for (var batch = 0; batch < pixels; batch += BatchPixels)
            {
                var count = Math.Min(BatchPixels, pixels - batch);
                Sum(packed + ((nint)batch * _pitch), corrections + batch, count, weights, _requantization.Bias + channel, sums);
                StoredSums.Store<Lanes256, Vector256<int>>(
                    output + ((long)batch * _output.PixelStride) + channel, _output.PixelStride, sums, BlockChannels, count, vectors,
                    _requantization, channel, _geometry.OutputChannels);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _packed.Dispose();
        _table.Dispose();
        _segmentOffsets.Dispose();
    }

    private void Sum(short* packed, int* corrections, int count, int* weights, int* bias, int* sums)
    {
        for (var quad = 0; quad < _quads; quad += MostQuads)
        {
            var quads = Math.Min(MostQuads, _quads - quad);
            for (var tile = 0; tile < count; tile += TilePixels)
            {
                InnerProductTile.Add(
                    packed + ((nint)tile * _pitch) + (quad * 4 * TilePixels), quads, weights + (quad * 2 * BlockChannels),
                    quad == 0 ? bias : null, corrections + tile, sums + (tile * BlockChannels));
            }
        }
    }

    private void Pack(int image, int firstRow, int rows, short* packed, int* corrections, sbyte* gathered)
    {
        var pixels = rows * _geometry.Output.Width;
        var stepY = _geometry.Stride.Height * _geometry.Input.Width * _input.PixelStride;
        var stepX = _geometry.Stride.Width * _input.PixelStride;
        var source = _input.SBytes + ((long)image * _geometry.Input.Height * _geometry.Input.Width * _input.PixelStride) + ((long)firstRow * stepY);
        if (!_isInPlace)
            Gather(image, firstRow, rows, gathered + GatheredBytes(rows), gathered);

        var windows = stackalloc sbyte*[TilePixels];
        for (var tile = 0; tile < pixels; tile += TilePixels)
        {
            for (var i = 0; i < TilePixels; i++)
            {
                // Missing pixels repeat the last one and are not stored.
                var pixel = Math.Min(tile + i, pixels - 1);
                if (!_isInPlace)
                    windows[i] = gathered + ((nint)pixel * GatheredPitch);
                else if (_geometry.Output.Width == 1)
                    windows[i] = source + ((nint)pixel * stepY);
                else
                    windows[i] = source + ((nint)(pixel / _geometry.Output.Width) * stepY) + ((nint)(pixel % _geometry.Output.Width) * stepX);
            }

            PackedWindows.Pack(windows, _pitch, packed + ((nint)tile * _pitch), corrections + tile);
        }
    }

    // All windows before the first is packed: reading across what was just written waits.
    private void Gather(int image, int firstRow, int rows, sbyte* copied, sbyte* gathered)
    {
        var channels = _geometry.InputChannels;
        PaddedRows<sbyte, CopiedRows>.Fill(
            copied, channels, _input, _geometry, image, (firstRow * _geometry.Stride.Height) - _geometry.Top, _geometry.InputRows(rows),
            _parameters.InputZeroPoint, (sbyte)_parameters.InputZeroPoint);
        for (var y = 0; y < rows; y++)
        {
            var window = copied + ((nint)y * _geometry.Stride.Height * _geometry.PaddedWidth * channels);
            for (var x = 0; x < _geometry.Output.Width; x++, window += _geometry.Stride.Width * channels, gathered += GatheredPitch)
                PackedWindows.Gather(window, (int*)_segmentOffsets.Bytes, _segments, _run, gathered);
        }
    }

    private int Tiles(int rows) => ((rows * _geometry.Output.Width) + TilePixels - 1) / TilePixels;

    // A tile's corrections are 16 bytes, and packed inputs begin at a multiple of 64.
    private long CorrectionBytes(int rows) => (Tiles(rows) + 3L) / 4 * 64;

    private long PackedBytes(int rows) => (long)Tiles(rows) * TilePixels * _pitch * sizeof(short);

    private long GatheredBytes(int rows) => _isInPlace ? 0 : (long)rows * _geometry.Output.Width * GatheredPitch;

    // Gathering may read 15 bytes more.
    private long RowBytes(int rows) =>
        _isInPlace ? 0 : ((long)_geometry.InputRows(rows) * _geometry.PaddedWidth * _geometry.InputChannels) + PackedWindows.Unit;
}
