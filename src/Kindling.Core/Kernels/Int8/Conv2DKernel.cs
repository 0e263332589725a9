using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Kindling.Execution;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Kernels.Int8;

/// <summary>Creates the vector kernels for CONV_2D and FULLY_CONNECTED.</summary>
internal static class Conv2DKernel
{
    /// <summary>The kernel of a convolution, as wide as the machine and the number of channels allow.</summary>
    public static Kernel Create(KernelContext context, Conv2D op, ConvolutionParameters parameters)
    {
        var weights = context.Inputs[1].Shape;
        var kernel = new Size2D(weights[1], weights[2]);
        return Create(context, ConvolutionGeometry.Of(context.Inputs[0], context.Output, kernel, op.Stride, op.Padding, op.Dilation), parameters);
    }

    /// <summary>The kernel of a fully connected layer.</summary>
    public static Kernel CreateDense(KernelContext context, ConvolutionParameters parameters) =>
        Create(context, ConvolutionGeometry.Pixels(context.Inputs[0], context.Output), parameters);

    /// <summary>The kernel of a given width, for tests.</summary>
    public static Kernel Create(KernelContext context, ConvolutionGeometry geometry, ConvolutionParameters parameters, int lanes = 0)
    {
        if (lanes == 0)
            lanes = WidestLanes(context.Output.Shape.Channels);
        return lanes switch
        {
            16 => new Conv2DKernel<Lanes512, Vector512<int>>(context, geometry, parameters),
            8 => new Conv2DKernel<Lanes256, Vector256<int>>(context, geometry, parameters),
            _ => new Conv2DKernel<Lanes128, Vector128<int>>(context, geometry, parameters),
        };
    }

    /// <summary>The widest lanes this machine has that a number of channels fills at least halfway.</summary>
    internal static int WidestLanes(int channels) =>
        Avx512BW.IsSupported && Vector512.IsHardwareAccelerated && channels > 8 ? 16 : Avx2.IsSupported ? 8 : 4;
}

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
    public override int ScratchBytes => (int)RowBytes(_rowsPerChunk);

    private static int BlockChannels => 2 * TLanes.Width;

    private int BlockShorts => _segments * _pairs * 2 * BlockChannels;

    private int* SegmentOffsets => (int*)_offsets.Bytes;

    private int* PixelOffsets => SegmentOffsets + _segments;

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
        var widened = (short*)scratch;
        WidenedRows.Fill(
            widened, _geometry.InputChannels, _input, _geometry, image, (firstRow * _geometry.Stride.Height) - _geometry.Top,
            _geometry.InputRows(rows), _parameters.InputZeroPoint);

        var pixels = rows * _geometry.Output.Width;
        var output = _output.SBytes
            + ((((long)image * _geometry.Output.Height) + firstRow) * _geometry.Output.Width * _output.PixelStride);
        var (first, last) = (group * _blocks / _groups, (group + 1) * _blocks / _groups);
        for (var block = first; block < last; block++)
        {
            for (var pixel = 0; pixel < pixels; pixel += TilePixels)
            {
                var count = Math.Min(TilePixels, pixels - pixel);
                if (Vectors(block) == 2)
                    TileOfTwo(widened, pixel, count, block, output);
                else
                    TileOfOne(widened, pixel, count, block, output);
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
        for (var s = 0; s < _segments; s++)
        {
            SegmentOffsets[s] = (s / tapsPerRow * _geometry.Dilation.Height * perRow)
                + (s % tapsPerRow * _geometry.Dilation.Width * _geometry.InputChannels);
        }

        for (var p = 0; p < _rowsPerChunk * _geometry.Output.Width; p++)
        {
            PixelOffsets[p] = (p / _geometry.Output.Width * _geometry.Stride.Height * perRow)
                + (p % _geometry.Output.Width * _geometry.Stride.Width * _geometry.InputChannels);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TileOfTwo(short* widened, int pixel, int count, int block, sbyte* output)
    {
        // Missing pixels repeat the last one and are not stored.
        var offsets = PixelOffsets + pixel;
        var last = count - 1;
        var x0 = widened + offsets[0];
        var x1 = widened + offsets[Math.Min(1, last)];
        var x2 = widened + offsets[Math.Min(2, last)];
        var x3 = widened + offsets[Math.Min(3, last)];
        var x4 = widened + offsets[Math.Min(4, last)];
        var x5 = widened + offsets[Math.Min(5, last)];
        var channel = block * BlockChannels;
        var seedA = TLanes.Load(_requantization.Bias + channel);
        var seedB = TLanes.Load(_requantization.Bias + channel + TLanes.Width);
        TVector a0 = seedA, a1 = seedA, a2 = seedA, a3 = seedA, a4 = seedA, a5 = seedA;
        TVector b0 = seedB, b1 = seedB, b2 = seedB, b3 = seedB, b4 = seedB, b5 = seedB;
        var w = (int*)((short*)_packed.Bytes + ((long)block * BlockShorts));
        var pairs = _pairs;
        for (var segment = 0; segment < _segments; segment++)
        {
            var offset = SegmentOffsets[segment];
            for (var k = 0; k < pairs; k++)
            {
                var wa = TLanes.Load(w);
                var wb = TLanes.Load(w + TLanes.Width);
                w += 2 * TLanes.Width;
                var x = TLanes.Broadcast(((int*)(x0 + offset))[k]);
                a0 = TLanes.MultiplyAddPairs(a0, x, wa);
                b0 = TLanes.MultiplyAddPairs(b0, x, wb);
                x = TLanes.Broadcast(((int*)(x1 + offset))[k]);
                a1 = TLanes.MultiplyAddPairs(a1, x, wa);
                b1 = TLanes.MultiplyAddPairs(b1, x, wb);
                x = TLanes.Broadcast(((int*)(x2 + offset))[k]);
                a2 = TLanes.MultiplyAddPairs(a2, x, wa);
                b2 = TLanes.MultiplyAddPairs(b2, x, wb);
                x = TLanes.Broadcast(((int*)(x3 + offset))[k]);
                a3 = TLanes.MultiplyAddPairs(a3, x, wa);
                b3 = TLanes.MultiplyAddPairs(b3, x, wb);
                x = TLanes.Broadcast(((int*)(x4 + offset))[k]);
                a4 = TLanes.MultiplyAddPairs(a4, x, wa);
                b4 = TLanes.MultiplyAddPairs(b4, x, wb);
                x = TLanes.Broadcast(((int*)(x5 + offset))[k]);
                a5 = TLanes.MultiplyAddPairs(a5, x, wa);
                b5 = TLanes.MultiplyAddPairs(b5, x, wb);
            }
        }

        var stride = _output.PixelStride;
        var target = output + ((long)pixel * stride) + channel;
        StoreTwo(target, a0, b0, channel);
        if (count > 1)
            StoreTwo(target + stride, a1, b1, channel);
        if (count > 2)
            StoreTwo(target + (2 * stride), a2, b2, channel);
        if (count > 3)
            StoreTwo(target + (3 * stride), a3, b3, channel);
        if (count > 4)
            StoreTwo(target + (4 * stride), a4, b4, channel);
        if (count > 5)
            StoreTwo(target + (5 * stride), a5, b5, channel);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TileOfOne(short* widened, int pixel, int count, int block, sbyte* output)
    {
        var offsets = PixelOffsets + pixel;
        var last = count - 1;
        var x0 = widened + offsets[0];
        var x1 = widened + offsets[Math.Min(1, last)];
        var x2 = widened + offsets[Math.Min(2, last)];
        var x3 = widened + offsets[Math.Min(3, last)];
        var x4 = widened + offsets[Math.Min(4, last)];
        var x5 = widened + offsets[Math.Min(5, last)];
        var channel = block * BlockChannels;
        var seed = TLanes.Load(_requantization.Bias + channel);
        TVector a0 = seed, a1 = seed, a2 = seed, a3 = seed, a4 = seed, a5 = seed;
        var w = (int*)((short*)_packed.Bytes + ((long)block * BlockShorts));
        var pairs = _pairs;
        for (var segment = 0; segment < _segments; segment++)
        {
            var offset = SegmentOffsets[segment];
            for (var k = 0; k < pairs; k++)
            {
                var wa = TLanes.Load(w);
                w += TLanes.Width;
                a0 = TLanes.MultiplyAddPairs(a0, TLanes.Broadcast(((int*)(x0 + offset))[k]), wa);
                a1 = TLanes.MultiplyAddPairs(a1, TLanes.Broadcast(((int*)(x1 + offset))[k]), wa);
                a2 = TLanes.MultiplyAddPairs(a2, TLanes.Broadcast(((int*)(x2 + offset))[k]), wa);
                a3 = TLanes.MultiplyAddPairs(a3, TLanes.Broadcast(((int*)(x3 + offset))[k]), wa);
                a4 = TLanes.MultiplyAddPairs(a4, TLanes.Broadcast(((int*)(x4 + offset))[k]), wa);
                a5 = TLanes.MultiplyAddPairs(a5, TLanes.Broadcast(((int*)(x5 + offset))[k]), wa);
            }
        }

        var stride = _output.PixelStride;
        var target = output + ((long)pixel * stride) + channel;
        StoreOne(target, a0, channel);
        if (count > 1)
            StoreOne(target + stride, a1, channel);
        if (count > 2)
            StoreOne(target + (2 * stride), a2, channel);
        if (count > 3)
            StoreOne(target + (3 * stride), a3, channel);
        if (count > 4)
            StoreOne(target + (4 * stride), a4, channel);
        if (count > 5)
            StoreOne(target + (5 * stride), a5, channel);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void StoreTwo(sbyte* target, TVector a, TVector b, int channel)
    {
        TLanes.Store(target, a, _requantization, channel);
        StoreOne(target + TLanes.Width, b, channel + TLanes.Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void StoreOne(sbyte* target, TVector sums, int channel)
    {
        if (channel + TLanes.Width <= _geometry.OutputChannels)
        {
            TLanes.Store(target, sums, _requantization, channel);
            return;
        }

        // A slice's neighbours must not be touched.
        var bytes = stackalloc sbyte[16];
        TLanes.Store(bytes, sums, _requantization, channel);
        for (var i = 0; channel + i < _geometry.OutputChannels; i++)
            target[i] = bytes[i];
    }
}
