using Kindling.Execution;
using Kindling.Tensors;

namespace Kindling.Kernels.Int8;

/// <summary>
/// CONV_2D with 3x3 windows and stride 1 as F(4x4, 3x3): 36 multiplications for 16 outputs instead of 144, in whole numbers, so that the
/// sums are those of the direct convolution. One chunk is some tiles (of all images, counted through) of some output channels.
/// </summary>
internal sealed unsafe class WinogradConv2DKernel<TLanes, TVector> : Kernel, IDisposable
    where TLanes : struct, IInt8Lanes<TVector>
    where TVector : struct
{
    private const int Elements = WinogradInput.Side * WinogradInput.Side;
    private const int Outputs = WinogradTile<TLanes, TVector>.Outputs;
    private const int BlockTiles = 8;
    private const int MacsPerChunk = 1_000_000;
    private const int MostChunks = 32;

    // Every group transforms its tiles anew.
    private const int MostGroups = 4;
    private const int MostScratchBytes = 192 * 1024;
    private readonly TensorView _input;
    private readonly TensorView _output;
    private readonly Tensor _weights;
    private readonly ConvolutionParameters _parameters;
    private readonly ConvolutionGeometry _geometry;
    private readonly NativeBuffer _packed;
    private readonly NativeBuffer _table;
    private readonly NativeBuffer _outside;
    private readonly RequantizationTable _requantization;
    private readonly int _channels;
    private readonly int _tilesX;
    private readonly int _tilesY;
    private readonly int _tiles;
    private readonly int _blocksPerChunk;
    private readonly int _tileChunks;
    private readonly int _filterBlocks;
    private readonly int _groups;

    public WinogradConv2DKernel(KernelContext context, ConvolutionGeometry geometry, ConvolutionParameters parameters)
    {
        _input = context.Inputs[0];
        _output = context.Output;
        _weights = context.Node.Inputs[1].Constant!;
        _parameters = parameters;
        _geometry = geometry;
        _channels = (geometry.InputChannels + WinogradInput.Channels - 1) / WinogradInput.Channels * WinogradInput.Channels;
        _tilesX = (geometry.Output.Width + Outputs - 1) / Outputs;
        _tilesY = (geometry.Output.Height + Outputs - 1) / Outputs;
        _tiles = geometry.Images * _tilesY * _tilesX;
        _filterBlocks = (geometry.OutputChannels + BlockFilters - 1) / BlockFilters;

        var blocks = (_tiles + BlockTiles - 1) / BlockTiles;
        var macs = (long)_tiles * Elements * _channels * geometry.OutputChannels;
        var chunks = (int)Math.Clamp(macs / MacsPerChunk, 1, MostChunks);
        _blocksPerChunk = Math.Clamp(MostScratchBytes / (BlockShorts * sizeof(short)), 1, Math.Min(blocks, Math.Max(2, blocks / chunks)));
        _tileChunks = (blocks + _blocksPerChunk - 1) / _blocksPerChunk;
        _groups = Math.Clamp(chunks / _tileChunks, 1, Math.Min(MostGroups, _filterBlocks));

        _packed = new NativeBuffer((long)_filterBlocks * FilterInts * sizeof(int));
        _table = new NativeBuffer(RequantizationTable.BytesFor(_filterBlocks * BlockFilters));
        _requantization = RequantizationTable.Create(_table, _filterBlocks * BlockFilters, parameters);
        _outside = new NativeBuffer(_channels);
        new Span<sbyte>(_outside.Bytes, _channels).Fill((sbyte)parameters.InputZeroPoint);
    }

    /// <inheritdoc/>
    public override int Chunks => _tileChunks * _groups;

    /// <inheritdoc/>
    public override int ScratchBytes => FixedBytes + (_blocksPerChunk * BlockShorts * sizeof(short));

    private static int BlockFilters => 2 * TLanes.Width;

    private static int TileColumns => WinogradInput.Side * Outputs * TLanes.Width;

    // Products of a column, columns, sums, pixel addresses, rows of the input transform.
    private static int FixedBytes =>
        ((((WinogradInput.Side * BlockTiles * 2) + (Outputs * Outputs)) * TLanes.Width) + (BlockTiles * 2 * TileColumns)) * sizeof(int)
        + (Elements * sizeof(long)) + (WinogradInput.ScratchShorts * sizeof(short));

    private int BlockShorts => Elements * BlockTiles * _channels;

    private int FilterInts => Elements * (_channels / 2) * BlockFilters;

    /// <inheritdoc/>
    public override void Prepare()
    {
        if (!WinogradWeights.AreExact(_weights, _parameters.InputZeroPoint))
            throw new InvalidOperationException("The weights have become too large for the whole-number Winograd convolution; compile the graph again");
        var weights = _weights.AsSpan<sbyte>();
        var packed = (short*)_packed.Bytes;
        var channels = _geometry.InputChannels;
        var filterElements = weights.Length / _geometry.OutputChannels;
        for (var filter = 0; filter < _geometry.OutputChannels; filter++)
        {
            var source = weights.Slice(filter * filterElements, filterElements);
            var block = packed + (2L * (filter / BlockFilters) * FilterInts) + (2 * (filter % BlockFilters));
            for (var element = 0; element < Elements; element++)
            {
                // Column by column, as the tiles are.
                for (var c = 0; c < channels; c++)
                {
                    var pair = (element * _channels / 2) + (c / 2);
                    block[(pair * BlockFilters * 2L) + (c % 2)] =
                        WinogradWeights.Transformed(source, channels, c, element % WinogradInput.Side, element / WinogradInput.Side);
                }
            }
        }
    }

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var products = (int*)scratch;
        var columns = products + (WinogradInput.Side * BlockTiles * 2 * TLanes.Width);
        var sums = columns + (BlockTiles * 2 * TileColumns);
        var pixels = (sbyte**)(sums + (Outputs * Outputs * TLanes.Width));
        var rows = (short*)(pixels + Elements);
        var transformed = rows + WinogradInput.ScratchShorts;

        var (group, tileChunk) = (chunk % _groups, chunk / _groups);
        var firstTile = tileChunk * _blocksPerChunk * BlockTiles;
        var tiles = Math.Min(_blocksPerChunk * BlockTiles, _tiles - firstTile);
        nint step = BlockTiles * _channels;
        for (var t = 0; t < tiles; t++)
        {
            FindPixels(firstTile + t, pixels);
            WinogradInput.Transform(
                pixels, _channels, _parameters.InputZeroPoint, transformed + (t / BlockTiles * BlockShorts) + (t % BlockTiles * _channels), step, rows);
        }

        var (first, last) = (group * _filterBlocks / _groups, (group + 1) * _filterBlocks / _groups);
        for (var block = first; block < last; block++)
        {
            var weights = (int*)_packed.Bytes + ((long)block * FilterInts);
            for (var t = 0; t < tiles; t += BlockTiles)
            {
                // Missing tiles multiply what is left from before; nobody looks at the products.
                var source = transformed + (t / BlockTiles * BlockShorts);
                var count = Math.Min(BlockTiles, tiles - t);
                for (var x = 0; x < WinogradInput.Side; x++)
                {
                    // Column by column, so that the products stay in the nearest cache.
                    WinogradTile<TLanes, TVector>.Multiply(
                        count, source + (x * WinogradInput.Side * step), _channels / 2, weights + (x * FilterInts / WinogradInput.Side), products);
                    WinogradTile<TLanes, TVector>.TransformColumn(products, 2 * count, columns + (x * TLanes.Width));
                }

                for (var i = 0; i < count; i++)
                    StoreTile(firstTile + t + i, block * BlockFilters, columns + (i * 2 * TileColumns), sums);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _packed.Dispose();
        _table.Dispose();
        _outside.Dispose();
    }

    private void StoreTile(int tile, int channel, int* columns, int* sums)
    {
        var (image, y, x) = Position(tile);
        var (height, width) = (_geometry.Output.Height, _geometry.Output.Width);
        var (rows, count) = (Math.Min(Outputs, height - y), Math.Min(Outputs, width - x));
        var first = _output.SBytes + ((((((long)image * height) + y) * width) + x) * _output.PixelStride);
        var end = Math.Min(channel + BlockFilters, _geometry.OutputChannels);
        for (; channel < end; channel += TLanes.Width, columns += TileColumns)
        {
            WinogradTile<TLanes, TVector>.TransformRows(columns, _requantization.Bias + channel, sums);
            if (TLanes.Width == sizeof(long) && channel + TLanes.Width <= _geometry.OutputChannels)
            {
                // All pixels by one call, in the sums' own place; a pixel's bytes are one word.
                TLanes.StorePixels((sbyte*)sums, sizeof(long), sums, TLanes.Width, Outputs * Outputs, _requantization, channel);
                CopyWords((long*)sums, first + channel, rows, count);
                continue;
            }

            for (var row = 0; row < rows; row++)
            {
                StoredSums.Store<TLanes, TVector>(
                    first + ((long)row * width * _output.PixelStride) + channel, _output.PixelStride, sums + (row * Outputs * TLanes.Width),
                    TLanes.Width, count, 1, _requantization, channel, _geometry.OutputChannels);
            }
        }
    }

    private void CopyWords(long* words, sbyte* target, int rows, int columns)
    {
        for (var row = 0; row < rows; row++)
        {
            var pixel = target + ((long)row * _geometry.Output.Width * _output.PixelStride);
            for (var column = 0; column < columns; column++, pixel += _output.PixelStride)
                *(long*)pixel = words[(row * Outputs) + column];
        }
    }

    // Pixels outside the image are the zero point.
    private void FindPixels(int tile, sbyte** pixels)
    {
        var (image, y, x) = Position(tile);
        var (top, left) = (y - _geometry.Top, x - _geometry.Left);
        var (height, width) = (_geometry.Input.Height, _geometry.Input.Width);
        var outside = (sbyte*)_outside.Bytes;
        for (var row = top; row < top + WinogradInput.Side; row++)
        {
            var line = _input.SBytes + ((((long)image * height) + row) * width * _input.PixelStride);
            var isInside = row >= 0 && row < height;
            for (var column = left; column < left + WinogradInput.Side; column++)
                *pixels++ = isInside && column >= 0 && column < width ? line + ((long)column * _input.PixelStride) : outside;
        }
    }

    private (int Image, int Y, int X) Position(int tile) => (
        tile / _tilesX / _tilesY, tile / _tilesX % _tilesY * Outputs, tile % _tilesX * Outputs);
}
