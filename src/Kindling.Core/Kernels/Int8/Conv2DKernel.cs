using System.Runtime.CompilerServices;
using Kindling.Execution;
using Kindling.Tensors;

namespace Kindling.Kernels.Int8;

/// <summary>
/// CONV_2D as an implicit matrix product: input rows widened to 16 bits in scratch memory, weights packed as
/// <c>[output channels / 2 vectors][taps][channel pairs][2 vectors]</c>, tiles of 6 pixels by 2 vectors of sums in registers.
/// One chunk is some rows of some output channels.
/// </summary>
internal sealed unsafe class Conv2DKernel<TLanes, TVector> : Kernel, IDisposable
    where TLanes : struct, IInt8Lanes<TVector>
    where TVector : struct
{
    private const int TilePixels = 6;
    private const int MacsPerChunk = 150_000;
    private const int MostChunks = 32;
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
        var run = isRun ? geometry.Kernel.Width * geometry.InputChannels : geometry.InputChannels;
        _pairs = (run + 1) / 2;
        _blocks = (geometry.OutputChannels + BlockChannels - 1) / BlockChannels;

        var macs = (long)geometry.Images * geometry.Output.Height * geometry.Output.Width * geometry.OutputChannels * _segments * run;
        var chunks = (int)Math.Clamp(macs / MacsPerChunk, 1, MostChunks);
        var rows = (geometry.Output.Height + chunks - 1) / chunks;
        rows = Math.Max(rows, (2 * TilePixels + geometry.Output.Width - 1) / geometry.Output.Width);
        rows = Math.Min(rows, geometry.Output.Height);
        while (rows > 1 && RowBytes(rows) > MostScratchBytes)
            rows = (rows + 1) / 2;
        _rowsPerChunk = rows;
        _rowChunks = (geometry.Output.Height + rows - 1) / rows;
        _groups = Math.Clamp(chunks / (_rowChunks * geometry.Images), 1, _blocks);

        _packed = new NativeBuffer((long)_blocks * BlockShorts * sizeof(short));
        _table = new NativeBuffer(RequantizationTable.BytesFor(_blocks * BlockChannels));
        _requantization = RequantizationTable.Create(_table, _blocks * BlockChannels, parameters);
        _offsets = new NativeBuffer((_segments + (rows * geometry.Output.Width)) * sizeof(int));
        FillOffsets();
    }

    /// <inheritdoc/>
    public override int Chunks => _geometry.Images * _rowChunks * _groups;

    /// <inheritdoc/>
    public override int ScratchBytes => SumBytes + (int)RowBytes(_rowsPerChunk);

    private static int SumBytes => TilePixels * BlockChannels * sizeof(int);

    private static int BlockChannels => 2 * TLanes.Width;

    private int BlockShorts => _segments * _pairs * 2 * BlockChannels;

    /// <inheritdoc/>
    public override void Prepare()
    {
        var weights = _weights.AsSpan<sbyte>();
        var packed = (short*)_packed.Bytes;
        var run = weights.Length / _geometry.OutputChannels / _segments;
        for (var block = 0; block < _blocks; block++)
        {
            var vectors = Vectors(block);
            for (var segment = 0; segment < _segments; segment++)
            {
                for (var k = 0; k < _pairs * 2; k++)
                {
                    for (var lane = 0; lane < vectors * TLanes.Width; lane++)
                    {
                        var channel = (block * BlockChannels) + lane;
                        var isWeight = k < run && channel < _geometry.OutputChannels;
                        var index = (((((segment * _pairs) + (k / 2)) * vectors * TLanes.Width) + lane) * 2) + (k % 2);
                        packed[((long)block * BlockShorts) + index] =
                            isWeight ? weights[(((channel * _segments) + segment) * run) + k] : (short)0;
                    }
                }
            }
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
        var widened = (short*)(scratch + SumBytes);
        WidenedRows.Fill(
            widened, _geometry.InputChannels, _input, _geometry, image, (firstRow * _geometry.Stride.Height) - _geometry.Top,
            _geometry.InputRows(rows), _parameters.InputZeroPoint);

        var pixels = rows * _geometry.Output.Width;
        var output = _output.SBytes
            + ((((long)image * _geometry.Output.Height) + firstRow) * _geometry.Output.Width * _output.PixelStride);
        var segments = (int*)_offsets.Bytes;
        var pixelOffsets = segments + _segments;
        var (first, last) = (group * _blocks / _groups, (group + 1) * _blocks / _groups);
        for (var block = first; block < last; block++)
        {
            var channel = block * BlockChannels;
            var vectors = Vectors(block);
            var weights = (int*)((short*)_packed.Bytes + ((long)block * BlockShorts));
            for (var pixel = 0; pixel < pixels; pixel += TilePixels)
            {
                // Missing pixels repeat the last one and are not stored.
                var count = Math.Min(TilePixels, pixels - pixel);
                if (vectors == 2)
                    SumTwo(widened, pixelOffsets + pixel, count - 1, segments, _segments, _pairs, weights, _requantization.Bias + channel, sums);
                else
                    SumOne(widened, pixelOffsets + pixel, count - 1, segments, _segments, _pairs, weights, _requantization.Bias + channel, sums);
                StoredSums.Store<TLanes, TVector>(
                    output + ((long)pixel * _output.PixelStride) + channel, _output.PixelStride, sums, count, vectors, _requantization, channel,
                    _geometry.OutputChannels);
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

    // The last block may need one vector only.
    private int Vectors(int block) => _geometry.OutputChannels - (block * BlockChannels) > TLanes.Width ? 2 : 1;

    private long RowBytes(int rows) =>
        (((long)_geometry.InputRows(rows) * _geometry.PaddedWidth * _geometry.InputChannels) + 2) * sizeof(short);

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

    // No calls in here and the sums go to memory: otherwise the compiler keeps them there all the time.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumTwo(short* widened, int* pixels, int last, int* segments, int segmentCount, nint pairs, int* weights, int* bias, int* sums)
    {
        var x0 = widened + pixels[0];
        var x1 = widened + pixels[Math.Min(1, last)];
        var x2 = widened + pixels[Math.Min(2, last)];
        var x3 = widened + pixels[Math.Min(3, last)];
        var x4 = widened + pixels[Math.Min(4, last)];
        var x5 = widened + pixels[Math.Min(5, last)];
        TVector a0 = TLanes.Load(bias), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0;
        TVector b0 = TLanes.Load(bias + TLanes.Width), b1 = b0, b2 = b0, b3 = b0, b4 = b0, b5 = b0;
        for (var end = segments + segmentCount; segments < end; segments++)
        {
            nint offset = *segments;
            var p0 = (int*)(x0 + offset);
            var p1 = (int*)(x1 + offset);
            var p2 = (int*)(x2 + offset);
            var p3 = (int*)(x3 + offset);
            var p4 = (int*)(x4 + offset);
            var p5 = (int*)(x5 + offset);
            for (nint k = 0; k < pairs; k++)
            {
                var wa = TLanes.Load(weights);
                var wb = TLanes.Load(weights + TLanes.Width);
                weights += 2 * TLanes.Width;
                var x = TLanes.Broadcast(p0[k]);
                a0 = TLanes.MultiplyAddPairs(a0, x, wa);
                b0 = TLanes.MultiplyAddPairs(b0, x, wb);
                x = TLanes.Broadcast(p1[k]);
                a1 = TLanes.MultiplyAddPairs(a1, x, wa);
                b1 = TLanes.MultiplyAddPairs(b1, x, wb);
                x = TLanes.Broadcast(p2[k]);
                a2 = TLanes.MultiplyAddPairs(a2, x, wa);
                b2 = TLanes.MultiplyAddPairs(b2, x, wb);
                x = TLanes.Broadcast(p3[k]);
                a3 = TLanes.MultiplyAddPairs(a3, x, wa);
                b3 = TLanes.MultiplyAddPairs(b3, x, wb);
                x = TLanes.Broadcast(p4[k]);
                a4 = TLanes.MultiplyAddPairs(a4, x, wa);
                b4 = TLanes.MultiplyAddPairs(b4, x, wb);
                x = TLanes.Broadcast(p5[k]);
                a5 = TLanes.MultiplyAddPairs(a5, x, wa);
                b5 = TLanes.MultiplyAddPairs(b5, x, wb);
            }
        }

        TLanes.StoreSums(sums, a0);
        TLanes.StoreSums(sums + TLanes.Width, b0);
        TLanes.StoreSums(sums + (2 * TLanes.Width), a1);
        TLanes.StoreSums(sums + (3 * TLanes.Width), b1);
        TLanes.StoreSums(sums + (4 * TLanes.Width), a2);
        TLanes.StoreSums(sums + (5 * TLanes.Width), b2);
        TLanes.StoreSums(sums + (6 * TLanes.Width), a3);
        TLanes.StoreSums(sums + (7 * TLanes.Width), b3);
        TLanes.StoreSums(sums + (8 * TLanes.Width), a4);
        TLanes.StoreSums(sums + (9 * TLanes.Width), b4);
        TLanes.StoreSums(sums + (10 * TLanes.Width), a5);
        TLanes.StoreSums(sums + (11 * TLanes.Width), b5);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumOne(short* widened, int* pixels, int last, int* segments, int segmentCount, nint pairs, int* weights, int* bias, int* sums)
    {
        var x0 = widened + pixels[0];
        var x1 = widened + pixels[Math.Min(1, last)];
        var x2 = widened + pixels[Math.Min(2, last)];
        var x3 = widened + pixels[Math.Min(3, last)];
        var x4 = widened + pixels[Math.Min(4, last)];
        var x5 = widened + pixels[Math.Min(5, last)];
        TVector a0 = TLanes.Load(bias), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0;
        for (var end = segments + segmentCount; segments < end; segments++)
        {
            nint offset = *segments;
            var p0 = (int*)(x0 + offset);
            var p1 = (int*)(x1 + offset);
            var p2 = (int*)(x2 + offset);
            var p3 = (int*)(x3 + offset);
            var p4 = (int*)(x4 + offset);
            var p5 = (int*)(x5 + offset);
            for (nint k = 0; k < pairs; k++)
            {
                var w = TLanes.Load(weights);
                weights += TLanes.Width;
                a0 = TLanes.MultiplyAddPairs(a0, TLanes.Broadcast(p0[k]), w);
                a1 = TLanes.MultiplyAddPairs(a1, TLanes.Broadcast(p1[k]), w);
                a2 = TLanes.MultiplyAddPairs(a2, TLanes.Broadcast(p2[k]), w);
                a3 = TLanes.MultiplyAddPairs(a3, TLanes.Broadcast(p3[k]), w);
                a4 = TLanes.MultiplyAddPairs(a4, TLanes.Broadcast(p4[k]), w);
                a5 = TLanes.MultiplyAddPairs(a5, TLanes.Broadcast(p5[k]), w);
            }
        }

        TLanes.StoreSums(sums, a0);
        TLanes.StoreSums(sums + TLanes.Width, a1);
        TLanes.StoreSums(sums + (2 * TLanes.Width), a2);
        TLanes.StoreSums(sums + (3 * TLanes.Width), a3);
        TLanes.StoreSums(sums + (4 * TLanes.Width), a4);
        TLanes.StoreSums(sums + (5 * TLanes.Width), a5);
    }
}
