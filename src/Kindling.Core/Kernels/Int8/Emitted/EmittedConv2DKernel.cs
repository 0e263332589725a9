using Kindling.Execution;
using Kindling.Tensors;

namespace Kindling.Kernels.Int8.Emitted;

/// <summary>
/// CONV_2D and FULLY_CONNECTED as an implicit matrix product on dot products of 4 bytes: input rows as unsigned bytes in scratch memory, weights packed
/// as <c>[output channel blocks][taps in quads][vectors of 16 channels][4]</c>, tiles of pixels that lie evenly. One chunk is some rows of some output channels.
/// </summary>
/// <typeparam name="TLanes">The width of requantization; the sums come from the tiles.</typeparam>
/// <typeparam name="TVector">Its vector.</typeparam>
internal sealed unsafe class EmittedConv2DKernel<TLanes, TVector> : Kernel, IDisposable
    where TLanes : struct, IInt8Lanes<TVector>
    where TVector : struct
{
    private const int MacsPerChunk = 500_000;
    private const int MostChunks = 32;

    // Fewer would read all weights too often.
    private const int PixelsPerChunk = 56;

    // Every group copies its rows anew.
    private const int MostGroups = 8;
    private const int MostScratchBytes = 192 * 1024;
    private const int VectorChannels = DotTileProgram.VectorChannels;
    private const int QuadTaps = DotTileProgram.QuadTaps;
    private const int SumBytes = DotTileProgram.MostSums * VectorChannels * sizeof(int);
    private readonly TensorView _input;
    private readonly TensorView _output;
    private readonly Tensor _weights;
    private readonly ConvolutionParameters _parameters;
    private readonly ConvolutionGeometry _geometry;
    private readonly DotTiles _tiles;
    private readonly NativeBuffer _packed;
    private readonly NativeBuffer _table;
    private readonly NativeBuffer _segmentOffsets;
    private readonly RequantizationTable _requantization;
    private readonly int _segments;
    private readonly int _run;
    private readonly int _quads;
    private readonly int _rowsPerChunk;
    private readonly int _rowChunks;
    private readonly int _groups;
    private readonly int _vectors;
    private readonly int _blocks;

    // Pixels a step apart: those of one row of windows, or of all.
    private readonly bool _isOneLine;
    private readonly int _pixelStep;

    public EmittedConv2DKernel(KernelContext context, ConvolutionGeometry geometry, ConvolutionParameters parameters, DotTiles tiles)
    {
        _input = context.Inputs[0];
        _output = context.Output;
        _weights = context.Node.Inputs[1].Constant!;
        _parameters = parameters;
        _geometry = geometry;
        _tiles = tiles;

        // Without dilation a row of taps is one run of bytes; otherwise every tap is a run of its own.
        var isRun = geometry.Dilation.Width == 1;
        _segments = isRun ? geometry.Kernel.Height : geometry.Kernel.Height * geometry.Kernel.Width;
        _run = isRun ? geometry.Kernel.Width * geometry.InputChannels : geometry.InputChannels;
        _quads = (_run + QuadTaps - 1) / QuadTaps;

        var (height, width) = (geometry.Output.Height, geometry.Output.Width);
        var rowStep = geometry.Stride.Height * RowPitch;
        _pixelStep = width == 1 ? rowStep : geometry.Stride.Width * geometry.InputChannels;
        _isOneLine = rowStep == width * _pixelStep;

        var chunks = (int)Math.Clamp(geometry.Macs / MacsPerChunk, 1, MostChunks);
        _rowsPerChunk = geometry.RowsPerChunk(chunks, PixelsPerChunk, RowBytes, MostScratchBytes);
        _rowChunks = (height + _rowsPerChunk - 1) / _rowsPerChunk;

        // Lines that are short anyway take more channels at a time.
        var line = _isOneLine ? _rowsPerChunk * width : width;
        var vectors = (geometry.OutputChannels + VectorChannels - 1) / VectorChannels;
        _vectors = Math.Min(vectors, line <= DotTileProgram.MostPixels(DotTileProgram.MostVectors) ? DotTileProgram.MostVectors : 2);
        _blocks = (vectors + _vectors - 1) / _vectors;
        _groups = Math.Clamp(chunks / (_rowChunks * geometry.Images), 1, Math.Min(MostGroups, _blocks));

        _packed = new NativeBuffer(_blocks * BlockBytes);
        _table = new NativeBuffer(RequantizationTable.BytesFor(_blocks * BlockChannels));
        _requantization = RequantizationTable.Create(_table, _blocks * BlockChannels, parameters);
        _segmentOffsets = new NativeBuffer(_segments * sizeof(nint));
        FillSegmentOffsets();
        RequireBounds();
    }

    /// <inheritdoc/>
    public override int Chunks => _geometry.Images * _rowChunks * _groups;

    /// <inheritdoc/>
    public override int ScratchBytes => SumBytes + (int)RowBytes(_rowsPerChunk);

    private int RowPitch => _geometry.PaddedWidth * _geometry.InputChannels;

    private int BlockChannels => _vectors * VectorChannels;

    private long BlockBytes => (long)_segments * _quads * QuadTaps * BlockChannels;

    /// <inheritdoc/>
    public override void Prepare()
    {
        var weights = _weights.AsSpan<sbyte>();
        for (var channel = 0; channel < _geometry.OutputChannels; channel++)
        {
            var (block, lane) = (channel / BlockChannels, channel % BlockChannels);
            var lanes = Vectors(block) * VectorChannels;
            for (var segment = 0; segment < _segments; segment++)
            {
                var packed = (sbyte*)_packed.Bytes + (block * BlockBytes) + (((segment * _quads * lanes) + lane) * QuadTaps);
                var source = weights.Slice(((channel * _segments) + segment) * _run, _run);
                // The last quad's missing weights stay 0, so that it does not matter what they meet.
                for (var k = 0; k < _run; k++)
                    packed[(k / QuadTaps * lanes * QuadTaps) + (k % QuadTaps)] = source[k];
            }
        }

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
        var input = scratch + SumBytes;
        ShiftedRows.Fill(
            input, _input, _geometry, image, (firstRow * _geometry.Stride.Height) - _geometry.Top, _geometry.InputRows(rows), _parameters.InputZeroPoint);

        var width = _geometry.Output.Width;
        var (lines, pixels) = _isOneLine ? (1, rows * width) : (rows, width);
        var output = _output.SBytes + ((((long)image * _geometry.Output.Height) + firstRow) * width * _output.PixelStride);
        var (first, last) = (group * _blocks / _groups, (group + 1) * _blocks / _groups);
        for (var block = first; block < last; block++)
        {
            for (var line = 0; line < lines; line++)
            {
                RunLine(
                    block, pixels, input + ((long)line * _geometry.Stride.Height * RowPitch), (int*)scratch,
                    output + ((long)line * pixels * _output.PixelStride));
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

    private void RunLine(int block, int pixels, byte* input, int* sums, sbyte* output)
    {
        var channel = block * BlockChannels;
        var vectors = Vectors(block);
        var channels = vectors * VectorChannels;
        var arguments = new DotTileArguments
        {
            PixelStep = _pixelStep,
            Segments = (nint*)_segmentOffsets.Bytes,
            SegmentCount = _segments,
            Quads = _quads,
            Weights = (sbyte*)_packed.Bytes + (block * BlockBytes),
            Bias = _requantization.Bias + channel,
            Sums = sums,
        };

        // Tiles of nearly the same size.
        var most = DotTileProgram.MostPixels(vectors);
        var tiles = (pixels + most - 1) / most;
        for (var tile = 0; tile < tiles; tile++)
        {
            var (pixel, end) = ((int)((long)tile * pixels / tiles), (int)((tile + 1L) * pixels / tiles));
            arguments.Input = input + ((long)pixel * _pixelStep);
            _tiles[end - pixel, vectors].Run(&arguments);
            StoredSums.Store<TLanes, TVector>(
                output + ((long)pixel * _output.PixelStride) + channel, _output.PixelStride, sums, channels, end - pixel, channels / TLanes.Width,
                _requantization, channel, _geometry.OutputChannels);
        }
    }

    private int Vectors(int block) => Math.Min(_vectors, (_geometry.OutputChannels - (block * BlockChannels) + VectorChannels - 1) / VectorChannels);

    // The last quad may reach beyond the last run.
    private long RowBytes(int rows) => ((long)_geometry.InputRows(rows) * RowPitch) + QuadTaps;

    private void FillSegmentOffsets()
    {
        var tapsPerRow = _segments / _geometry.Kernel.Height;
        var offsets = (nint*)_segmentOffsets.Bytes;
        for (var s = 0; s < _segments; s++)
        {
            offsets[s] = ((nint)(s / tapsPerRow) * _geometry.Dilation.Height * RowPitch)
                + (s % tapsPerRow * _geometry.Dilation.Width * _geometry.InputChannels);
        }
    }

    // Emitted code checks nothing itself.
    private void RequireBounds()
    {
        var (height, width) = (_rowsPerChunk, _geometry.Output.Width);
        var lastPixel = ((height - 1L) * _geometry.Stride.Height * RowPitch) + ((width - 1L) * _geometry.Stride.Width * _geometry.InputChannels);
        var end = lastPixel + ((nint*)_segmentOffsets.Bytes)[_segments - 1] + ((long)_quads * QuadTaps);
        if (_segments < 1 || _quads < 1 || end > RowBytes(_rowsPerChunk) || _weights.Shape.ElementCount != (long)_geometry.OutputChannels * _segments * _run)
            throw new InvalidOperationException($"A convolution of {_geometry} does not fit its memory");
    }
}
