using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Kindling.Execution;
using Kindling.Numerics;

namespace Kindling.Kernels.Int8;

/// <summary>MEAN over height and width: the sum, with the division folded into the requantization. One chunk is one image.</summary>
internal sealed unsafe class MeanKernel : Kernel, IDisposable
{
    // Sums of this many bytes fit into 16 bits.
    private const int PixelsPerBlock = 128;
    private const int Pad = 16;
    private readonly TensorView _input;
    private readonly TensorView _output;
    private readonly int _pixels;
    private readonly NativeBuffer _table;
    private readonly RequantizationTable _requantization;

    public MeanKernel(KernelContext context)
    {
        _input = context.Inputs[0];
        _output = context.Output;
        _pixels = _input.Shape.Height * _input.Shape.Width;
        var factor = context.Arithmetic == Int8Arithmetic.Xnnpack
            ? Requantizer.Single(XnnpackArithmetic.MeanScale(_input.Quantization!, _output.Quantization!, _pixels))
            : Requantizer.Fixed(QuantizedArithmetic.MeanMultiplier(_input.Quantization!, _output.Quantization!, _pixels));
        _table = new NativeBuffer(RequantizationTable.BytesFor(Padded));
        _requantization = RequantizationTable.Create(
            _table, Padded, _input.Shape.Channels, factor, _output.Quantization!.ZeroPoint, 255L * _pixels);
    }

    /// <inheritdoc/>
    public override int Chunks => _input.Shape.Batch;

    /// <inheritdoc/>
    public override int ScratchBytes => Padded * sizeof(int);

    private int Padded => (_input.Shape.Channels + Pad - 1) / Pad * Pad;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var channels = _input.Shape.Channels;
        var sums = (int*)scratch;
        new Span<int>(sums, channels).Fill(-_pixels * _input.Quantization!.ZeroPoint);
        var pixel = _input.SBytes + ((long)chunk * _pixels * _input.PixelStride);
        for (var p = 0; p < _pixels; p += PixelsPerBlock)
            AddPixels(sums, pixel + ((long)p * _input.PixelStride), Math.Min(PixelsPerBlock, _pixels - p), _input.PixelStride, channels);

        var output = _output.SBytes + ((long)chunk * _output.PixelStride);
        if (Avx512F.IsSupported)
            StoredSums.Store<Lanes512, Vector512<int>>(output, 0, sums, Pad, 1, Padded / 16, _requantization, 0, channels);
        else if (Avx2.IsSupported)
            StoredSums.Store<Lanes256, Vector256<int>>(output, 0, sums, Pad, 1, Padded / 8, _requantization, 0, channels);
        else
            StoredSums.Store<Lanes128, Vector128<int>>(output, 0, sums, Pad, 1, Padded / 4, _requantization, 0, channels);
    }

    /// <inheritdoc/>
    public void Dispose() => _table.Dispose();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddPixels(int* sums, sbyte* first, int pixels, nint stride, int channels)
    {
        var c = 0;
        for (; c <= channels - 64; c += 64)
        {
            Vector256<short> s0 = default, s1 = default, s2 = default, s3 = default;
            var pixel = first + c;
            for (var p = 0; p < pixels; p++, pixel += stride)
            {
                var (a, b) = Vector256.Widen(Vector256.Load(pixel));
                var (d, e) = Vector256.Widen(Vector256.Load(pixel + 32));
                s0 += a;
                s1 += b;
                s2 += d;
                s3 += e;
            }

            Add(sums + c, s0);
            Add(sums + c + 16, s1);
            Add(sums + c + 32, s2);
            Add(sums + c + 48, s3);
        }

        for (; c <= channels - 16; c += 16)
        {
            Vector256<short> sum = default;
            var pixel = first + c;
            for (var p = 0; p < pixels; p++, pixel += stride)
            {
                var (low, high) = Vector128.Widen(Vector128.Load(pixel));
                sum += Vector256.Create(low, high);
            }

            Add(sums + c, sum);
        }

        for (; c < channels; c++)
        {
            for (var p = 0; p < pixels; p++)
                sums[c] += first[(p * stride) + c];
        }
    }

    private static void Add(int* sums, Vector256<short> values)
    {
        var (low, high) = Vector256.Widen(values);
        (Vector256.Load(sums) + low).Store(sums);
        (Vector256.Load(sums + 8) + high).Store(sums + 8);
    }
}
