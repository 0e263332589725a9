using Kindling.Execution;
using Kindling.Tensors;

namespace Kindling.Kernels.Int8;

/// <summary>
/// CONV_2D as an implicit matrix product: input rows widened to 16 bits in scratch memory, weights packed as
/// <c>[output channels / 2 vectors][taps][channel pairs][2 vectors]</c>, tiles of 8 (with AVX-512), 6 or 4 pixels by 2 vectors of sums in registers.
/// One chunk is some rows of some output channels.
/// </summary>
internal sealed unsafe class Conv2DKernel<TLanes, TVector> : Kernel, IDisposable
    where TLanes : struct, IInt8Lanes<TVector>
    where TVector : struct
{
    private const int MacsPerChunk = 300_000;
    private const int MostChunks = 32;

    // Fewer would read all weights too often.
    private const int PixelsPerChunk = 64;
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
    private readonly int _segments;
    private readonly int _pairs;
    private readonly int _rowsPerChunk;
    private readonly int _rowChunks;
    private readonly int _blocks;
    private readonly int _groups;
    private readonly int _run;

    // Inputs and weights of the blocks of two vectors are shifted to 0..255.
    private readonly bool _isShifted;

    public Conv2DKernel(KernelContext context, ConvolutionGeometry geometry, ConvolutionParameters parameters)
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
        _pairs = (_run + 1) / 2;
        _blocks = (geometry.OutputChannels + BlockChannels - 1) / BlockChannels;

        _isShifted = TLanes.Width == 16 && NonNegativeTile.IsSupported && IsFasterShifted(geometry, _segments * _run);
        var chunks = (int)Math.Clamp(geometry.Macs / MacsPerChunk, 1, MostChunks);
        _rowsPerChunk = geometry.RowsPerChunk(chunks, PixelsPerChunk, RowBytes, MostScratchBytes);
        _rowChunks = (geometry.Output.Height + _rowsPerChunk - 1) / _rowsPerChunk;
        _groups = Math.Clamp(chunks / (_rowChunks * geometry.Images), 1, _blocks);

        _packed = new NativeBuffer((long)_blocks * BlockShorts * sizeof(short));
        _table = new NativeBuffer(RequantizationTable.BytesFor(_blocks * BlockChannels));
        _requantization = RequantizationTable.Create(_table, _blocks * BlockChannels, parameters);
        _offsets = new NativeBuffer((_segments + (_rowsPerChunk * geometry.Output.Width)) * sizeof(int));
        FillOffsets();
    }

    /// <inheritdoc/>
    public override int Chunks => _geometry.Images * _rowChunks * _groups;

    /// <inheritdoc/>
    public override int ScratchBytes => SumBytes + CorrectionBytes + (int)RowBytes(_rowsPerChunk);

    // Pixels that are requantized by one call; a multiple of both tiles with 8 lanes.
    private static int BatchPixels => TLanes.Width == 16 ? Conv2DTile<TLanes, TVector>.Pixels : 48;

    private static int SumBytes => BatchPixels * BlockChannels * sizeof(int);

    private static int BlockChannels => 2 * TLanes.Width;

    private int CorrectionBytes => _isShifted ? (((_rowsPerChunk * _geometry.Output.Width) + Conv2DTile<TLanes, TVector>.Pixels) * sizeof(int) / 64 * 64) + 64 : 0;

    private int BlockShorts => _segments * _pairs * 2 * BlockChannels;

    /// <inheritdoc/>
    public override void Prepare()
    {
        var weights = _weights.AsSpan<sbyte>();
        var packed = (short*)_packed.Bytes;
        for (var block = 0; block < _blocks; block++)
        {
            var vectors = Vectors(block);
            var shift = _isShifted && vectors == 2 ? 128 : 0;
            for (var segment = 0; segment < _segments; segment++)
            {
                for (var k = 0; k < _pairs * 2; k++)
                {
                    for (var lane = 0; lane < vectors * TLanes.Width; lane++)
                    {
                        var channel = (block * BlockChannels) + lane;
                        var isWeight = k < _run && channel < _geometry.OutputChannels;
                        var index = (((((segment * _pairs) + (k / 2)) * vectors * TLanes.Width) + lane) * 2) + (k % 2);
                        packed[((long)block * BlockShorts) + index] =
                            isWeight ? (short)(weights[(((channel * _segments) + segment) * _run) + k] + shift) : (short)0;
                    }
                }
            }
        }

        if (_isShifted)
            _requantization.ShiftBias(_parameters, weights);
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
        var widened = (short*)(scratch + SumBytes + CorrectionBytes);
        WidenedRows.Fill(
            widened, _geometry.InputChannels, _input, _geometry, image, (firstRow * _geometry.Stride.Height) - _geometry.Top,
            _geometry.InputRows(rows), _isShifted ? sbyte.MinValue : _parameters.InputZeroPoint);

        var pixels = rows * _geometry.Output.Width;
        var output = _output.SBytes
            + ((((long)image * _geometry.Output.Height) + firstRow) * _geometry.Output.Width * _output.PixelStride);
        var segments = (int*)_offsets.Bytes;
        var pixelOffsets = segments + _segments;
        if (_isShifted)
            NonNegativeTile.SumWindows(widened, pixelOffsets, pixels, segments, _segments, _run, corrections);
        var addsFloats = NonNegativeTile.AddsExactly;
        var (first, last) = (group * _blocks / _groups, (group + 1) * _blocks / _groups);
        for (var block = first; block < last; block++)
        {
            var channel = block * BlockChannels;
            var vectors = Vectors(block);
            var weights = (int*)((short*)_packed.Bytes + ((long)block * BlockShorts));
            for (var batch = 0; batch < pixels; batch += BatchPixels)
            {
                var batchCount = Math.Min(BatchPixels, pixels - batch);
                for (var tile = 0; tile < batchCount; tile += Conv2DTile<TLanes, TVector>.Pixels)
                {
                    // Missing pixels repeat the last one and are not stored.
                    var pixel = batch + tile;
                    var tileSums = sums + (tile * vectors * TLanes.Width);
                    var count = Math.Min(Conv2DTile<TLanes, TVector>.Pixels, batchCount - tile);
                    if (_isShifted && vectors == 2 && addsFloats)
                    {
                        NonNegativeTile.EightByTwo(
                            widened, pixelOffsets + pixel, count - 1, segments, _segments, _pairs, weights, _requantization.Bias + channel,
                            corrections + pixel, tileSums);
                    }
                    else
                    {
                        Conv2DTile<TLanes, TVector>.Sum(
                            vectors, widened, pixelOffsets + pixel, count - 1, segments, _segments, _pairs, weights,
                            _requantization.Bias + channel, tileSums);
                        if (_isShifted && vectors == 2)
                            Correct(tileSums, corrections + pixel, count);
                    }
                }

                StoredSums.Store<TLanes, TVector>(
                    output + ((long)batch * _output.PixelStride) + channel, _output.PixelStride, sums, vectors * TLanes.Width, batchCount, vectors,
                    _requantization, channel, _geometry.OutputChannels);
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

    // Integer sums of shifted weights, where the thread cannot add subnormal numbers.
    private static void Correct(int* sums, int* corrections, int count)
    {
        for (var i = 0; i < count * BlockChannels; i++)
            sums[i] -= corrections[i / BlockChannels];
    }

    // Without padding only: padding would have to be the zero point. What the windows' sums cost must be less than what is saved.
    private static bool IsFasterShifted(ConvolutionGeometry geometry, int taps) =>
        geometry.Top == 0 && geometry.Left == 0 && geometry.PaddedWidth <= geometry.Input.Width
        && geometry.InputRows(geometry.Output.Height) <= geometry.Input.Height
        && geometry.OutputChannels > TLanes.Width && taps / 2 * (geometry.OutputChannels / TLanes.Width) * 0.17 > 10 + (taps / 32);

    // The last block may need one vector only.
    private int Vectors(int block) => _geometry.OutputChannels - (block * BlockChannels) > TLanes.Width ? 2 : 1;

    private long RowBytes(int rows) =>
        (((long)_geometry.InputRows(rows) * _geometry.PaddedWidth * _geometry.InputChannels) + 4) * sizeof(short);

    private void FillOffsets()
    {
        var perRow = _geometry.PaddedWidth * _geometry.InputChannels;
        var tapsPerRow = _segments / _geometry.Kernel.Height;
        var segments = (int*)_offsets.Bytes;
        var pixels = segments + _segments;
        for (var s = 0; s < _segments; s++)
        {
            segments[s] = (s / tapsPerRow * _geometry.Dilation.Height * perRow)
                + (s % tapsPerRow * _geometry.Dilation.Width * _geometry.InputChannels);
        }

        for (var p = 0; p < _rowsPerChunk * _geometry.Output.Width; p++)
        {
            pixels[p] = (p / _geometry.Output.Width * _geometry.Stride.Height * perRow)
                + (p % _geometry.Output.Width * _geometry.Stride.Width * _geometry.InputChannels);
        }
    }
}
