using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Kindling.Graphs.Operators;

namespace Kindling.Kernels.Int8;

/// <summary>
/// Depthwise sums with AVX2: 16 numbers of one tap interleaved with those of the next, so that one <c>vpmaddwd</c> does two taps of 8
/// channels. The 16 numbers are channels of a pixel, or the 8 channels of two neighbouring pixels.
/// </summary>
internal sealed unsafe class DepthwiseTapPairs
{
    /// <summary>Lanes of a vector of sums.</summary>
    public const int Lanes = 8;

    private const int Numbers = 2 * Lanes;
    private const int Slots = 4;

    // Sums that are requantized by one call.
    private const int TilesAtOnce = 8;
    // 3x3 taps: pairs of the first two rows serve three neighbouring windows each.
    private static readonly int[] ColumnsFirst = [0, 3, 1, 4, 2, 5, 6, 7, 8];
    private readonly int _taps;
    private readonly int _pairs;
    private readonly int _pixelsOfSlot;
    private readonly bool _isThreeByThree;

    /// <summary>The layout for a layer.</summary>
    /// <param name="kernel">Rows and columns of the window.</param>
    /// <param name="dilation">Distance between the window's taps.</param>
    /// <param name="channels">Channels of a pixel.</param>
    /// <param name="stride">Step of the window from column to column.</param>
    public DepthwiseTapPairs(Size2D kernel, Size2D dilation, int channels, int stride)
    {
        _taps = kernel.Height * kernel.Width;
        _pairs = (_taps + 1) / 2;
        _pixelsOfSlot = channels <= Lanes && stride == 1 ? 2 : 1;
        _isThreeByThree = kernel == 3 && dilation == 1 && stride == 1 && _pixelsOfSlot == 1;
    }

    /// <summary>Bytes of the sums of all tiles at once.</summary>
    public static int SumBytes => TilesAtOnce * Slots * Numbers * sizeof(int);

    /// <summary>A pixel's channels are padded to multiples of this.</summary>
    public int Channels => Numbers / _pixelsOfSlot;

    /// <summary>Pixels behind the last one that may be read.</summary>
    public int PixelsBehind => _isThreeByThree ? Slots : 1;

    /// <summary>Bytes of the packed weights of <paramref name="pitch"/> channels.</summary>
    public long WeightBytes(int pitch) => (long)_pairs * pitch * _pixelsOfSlot * sizeof(int);

    /// <summary>Packs <c>[taps, channels]</c> as <c>[16 numbers][pairs of taps][2 vectors]</c>, in the order the interleaved inputs have.</summary>
    public void Pack(ReadOnlySpan<sbyte> weights, int channels, int* packed)
    {
        for (var channel = 0; channel < channels; channel += Channels)
        {
            for (var pair = 0; pair < _pairs; pair++)
            {
                for (var lane = 0; lane < Numbers; lane++, packed++)
                {
                    // Interleaving works on halves of a register: the first vector is 0-3 and 8-11.
                    var number = (lane % 4) + (lane / 4 % 2 * 8) + (lane / 8 * 4);
                    var c = channel + (number % Channels);
                    int first = c < channels ? weights[(Tap(2 * pair) * channels) + c] : 0;
                    int second = c < channels && (2 * pair) + 1 < _taps ? weights[(Tap((2 * pair) + 1) * channels) + c] : 0;
                    *packed = (first & 0xFFFF) | (second << 16);
                }
            }
        }
    }

    /// <summary>One output row.</summary>
    /// <param name="widened">Where the first window begins.</param>
    /// <param name="step">Numbers from one window to the next.</param>
    /// <param name="width">Windows.</param>
    /// <param name="offsets">For each tap where it is in a window, the last one twice.</param>
    /// <param name="packed">Weights from <see cref="Pack"/>.</param>
    /// <param name="sums">Room for <see cref="SumBytes"/>.</param>
    /// <param name="output">The first output pixel.</param>
    /// <param name="stride">Bytes from one output pixel to the next.</param>
    /// <param name="table">Factors and bias of all channels.</param>
    /// <param name="channels">Channels of a pixel.</param>
    public void Row(
        short* widened, nint step, int width, int* offsets, int* packed, int* sums, sbyte* output, nint stride, in RequantizationTable table, int channels)
    {
        // The sums of a slot are those of two vectors of channels, or of two pixels.
        var secondBias = _pixelsOfSlot == 1 ? Lanes : 0;
        var tile = Slots * _pixelsOfSlot;
        for (var channel = 0; channel < channels; channel += Channels, packed += _pairs * Numbers)
        {
            var bias = table.Bias + channel;
            var vectors = _pixelsOfSlot == 1 && channels - channel > Lanes ? 2 : 1;
            for (var x = 0; x < width; x += TilesAtOnce * tile)
            {
                var count = Math.Min(TilesAtOnce * tile, width - x);
                var tileSums = sums;
                if (_isThreeByThree)
                {
                    SumThreeByThree(widened + (x * step) + channel, step, offsets[3], (count + Slots - 1) / Slots, packed, bias, tileSums);
                }
                else
                {
                    for (var i = 0; i < count; i += tile, tileSums += Slots * Numbers)
                    {
                        // Missing slots repeat the last one and are not stored.
                        var slots = Math.Min(Slots, (count - i + _pixelsOfSlot - 1) / _pixelsOfSlot);
                        Sum(widened + ((x + i) * step) + channel, _pixelsOfSlot * step, slots - 1, offsets, _pairs, packed, bias, bias + secondBias, tileSums);
                    }
                }

                StoredSums.Store<Lanes256, Vector256<int>>(
                    output + (x * stride) + channel, stride, sums, Channels, count, vectors, table, channel, channels);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum(short* x0, nint step, int last, int* offsets, int pairs, int* weights, int* bias, int* secondBias, int* sums)
    {
        var x1 = x0 + (Math.Min(1, last) * step);
        var x2 = x0 + (Math.Min(2, last) * step);
        var x3 = x0 + (Math.Min(3, last) * step);
        Vector256<int> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
        for (var end = offsets + (2 * pairs); offsets < end; offsets += 2, weights += Numbers)
        {
            nint first = offsets[0];
            nint second = offsets[1];
            var wa = Vector256.Load(weights).AsInt16();
            var wb = Vector256.Load(weights + Lanes).AsInt16();
            var (x, y) = (Vector256.Load(x0 + first), Vector256.Load(x0 + second));
            a0 += Avx2.MultiplyAddAdjacent(Avx2.UnpackLow(x, y), wa);
            b0 += Avx2.MultiplyAddAdjacent(Avx2.UnpackHigh(x, y), wb);
            (x, y) = (Vector256.Load(x1 + first), Vector256.Load(x1 + second));
            a1 += Avx2.MultiplyAddAdjacent(Avx2.UnpackLow(x, y), wa);
            b1 += Avx2.MultiplyAddAdjacent(Avx2.UnpackHigh(x, y), wb);
            (x, y) = (Vector256.Load(x2 + first), Vector256.Load(x2 + second));
            a2 += Avx2.MultiplyAddAdjacent(Avx2.UnpackLow(x, y), wa);
            b2 += Avx2.MultiplyAddAdjacent(Avx2.UnpackHigh(x, y), wb);
            (x, y) = (Vector256.Load(x3 + first), Vector256.Load(x3 + second));
            a3 += Avx2.MultiplyAddAdjacent(Avx2.UnpackLow(x, y), wa);
            b3 += Avx2.MultiplyAddAdjacent(Avx2.UnpackHigh(x, y), wb);
        }

        var (seedA, seedB) = (Vector256.Load(bias), Vector256.Load(secondBias));
        (Avx2.Permute2x128(a0, b0, 0x20) + seedA).Store(sums);
        (Avx2.Permute2x128(a0, b0, 0x31) + seedB).Store(sums + Lanes);
        (Avx2.Permute2x128(a1, b1, 0x20) + seedA).Store(sums + (2 * Lanes));
        (Avx2.Permute2x128(a1, b1, 0x31) + seedB).Store(sums + (3 * Lanes));
        (Avx2.Permute2x128(a2, b2, 0x20) + seedA).Store(sums + (4 * Lanes));
        (Avx2.Permute2x128(a2, b2, 0x31) + seedB).Store(sums + (5 * Lanes));
        (Avx2.Permute2x128(a3, b3, 0x20) + seedA).Store(sums + (6 * Lanes));
        (Avx2.Permute2x128(a3, b3, 0x31) + seedB).Store(sums + (7 * Lanes));
    }

    // Tiles of four windows; those that are missing are summed from what is behind the last one, and not stored.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumThreeByThree(short* row0, nint step, nint rowStep, int tiles, int* weights, int* bias, int* sums)
    {
        var row1 = row0 + rowStep;
        var row2 = row1 + rowStep;
        for (; tiles > 0; tiles--, row0 += Slots * step, row1 += Slots * step, row2 += Slots * step, sums += Slots * Numbers)
        {
            var (x, y) = (Vector256.Load(row0), Vector256.Load(row1));
            var (low, high) = (Avx2.UnpackLow(x, y), Avx2.UnpackHigh(x, y));
            var a0 = Avx2.MultiplyAddAdjacent(low, Vector256.Load(weights).AsInt16());
            var b0 = Avx2.MultiplyAddAdjacent(high, Vector256.Load(weights + Lanes).AsInt16());
            (x, y) = (Vector256.Load(row0 + step), Vector256.Load(row1 + step));
            (low, high) = (Avx2.UnpackLow(x, y), Avx2.UnpackHigh(x, y));
            a0 += Avx2.MultiplyAddAdjacent(low, Vector256.Load(weights + Numbers).AsInt16());
            b0 += Avx2.MultiplyAddAdjacent(high, Vector256.Load(weights + Numbers + Lanes).AsInt16());
            var a1 = Avx2.MultiplyAddAdjacent(low, Vector256.Load(weights).AsInt16());
            var b1 = Avx2.MultiplyAddAdjacent(high, Vector256.Load(weights + Lanes).AsInt16());
            (x, y) = (Vector256.Load(row0 + (2 * step)), Vector256.Load(row1 + (2 * step)));
            (low, high) = (Avx2.UnpackLow(x, y), Avx2.UnpackHigh(x, y));
            a0 += Avx2.MultiplyAddAdjacent(low, Vector256.Load(weights + (2 * Numbers)).AsInt16());
            b0 += Avx2.MultiplyAddAdjacent(high, Vector256.Load(weights + (2 * Numbers) + Lanes).AsInt16());
            a1 += Avx2.MultiplyAddAdjacent(low, Vector256.Load(weights + Numbers).AsInt16());
            b1 += Avx2.MultiplyAddAdjacent(high, Vector256.Load(weights + Numbers + Lanes).AsInt16());
            var a2 = Avx2.MultiplyAddAdjacent(low, Vector256.Load(weights).AsInt16());
            var b2 = Avx2.MultiplyAddAdjacent(high, Vector256.Load(weights + Lanes).AsInt16());
            (x, y) = (Vector256.Load(row0 + (3 * step)), Vector256.Load(row1 + (3 * step)));
            (low, high) = (Avx2.UnpackLow(x, y), Avx2.UnpackHigh(x, y));
            a1 += Avx2.MultiplyAddAdjacent(low, Vector256.Load(weights + (2 * Numbers)).AsInt16());
            b1 += Avx2.MultiplyAddAdjacent(high, Vector256.Load(weights + (2 * Numbers) + Lanes).AsInt16());
            a2 += Avx2.MultiplyAddAdjacent(low, Vector256.Load(weights + Numbers).AsInt16());
            b2 += Avx2.MultiplyAddAdjacent(high, Vector256.Load(weights + Numbers + Lanes).AsInt16());
            var a3 = Avx2.MultiplyAddAdjacent(low, Vector256.Load(weights).AsInt16());
            var b3 = Avx2.MultiplyAddAdjacent(high, Vector256.Load(weights + Lanes).AsInt16());
            (x, y) = (Vector256.Load(row0 + (4 * step)), Vector256.Load(row1 + (4 * step)));
            (low, high) = (Avx2.UnpackLow(x, y), Avx2.UnpackHigh(x, y));
            a2 += Avx2.MultiplyAddAdjacent(low, Vector256.Load(weights + (2 * Numbers)).AsInt16());
            b2 += Avx2.MultiplyAddAdjacent(high, Vector256.Load(weights + (2 * Numbers) + Lanes).AsInt16());
            a3 += Avx2.MultiplyAddAdjacent(low, Vector256.Load(weights + Numbers).AsInt16());
            b3 += Avx2.MultiplyAddAdjacent(high, Vector256.Load(weights + Numbers + Lanes).AsInt16());
            (x, y) = (Vector256.Load(row0 + (5 * step)), Vector256.Load(row1 + (5 * step)));
            (low, high) = (Avx2.UnpackLow(x, y), Avx2.UnpackHigh(x, y));
            a3 += Avx2.MultiplyAddAdjacent(low, Vector256.Load(weights + (2 * Numbers)).AsInt16());
            b3 += Avx2.MultiplyAddAdjacent(high, Vector256.Load(weights + (2 * Numbers) + Lanes).AsInt16());
            (x, y) = (Vector256.Load(row2), Vector256.Load(row2 + step));
            (low, high) = (Avx2.UnpackLow(x, y), Avx2.UnpackHigh(x, y));
            a0 += Avx2.MultiplyAddAdjacent(low, Vector256.Load(weights + (3 * Numbers)).AsInt16());
            b0 += Avx2.MultiplyAddAdjacent(high, Vector256.Load(weights + (3 * Numbers) + Lanes).AsInt16());
            (x, y) = (y, Vector256.Load(row2 + (2 * step)));
            (low, high) = (Avx2.UnpackLow(x, y), Avx2.UnpackHigh(x, y));
            a1 += Avx2.MultiplyAddAdjacent(low, Vector256.Load(weights + (3 * Numbers)).AsInt16());
            b1 += Avx2.MultiplyAddAdjacent(high, Vector256.Load(weights + (3 * Numbers) + Lanes).AsInt16());
            (x, y) = (y, Vector256.Load(row2 + (3 * step)));
            (low, high) = (Avx2.UnpackLow(x, y), Avx2.UnpackHigh(x, y));
            a2 += Avx2.MultiplyAddAdjacent(low, Vector256.Load(weights + (3 * Numbers)).AsInt16());
            b2 += Avx2.MultiplyAddAdjacent(high, Vector256.Load(weights + (3 * Numbers) + Lanes).AsInt16());
            a0 += Avx2.MultiplyAddAdjacent(low, Vector256.Load(weights + (4 * Numbers)).AsInt16());
            b0 += Avx2.MultiplyAddAdjacent(high, Vector256.Load(weights + (4 * Numbers) + Lanes).AsInt16());
            (x, y) = (y, Vector256.Load(row2 + (4 * step)));
            (low, high) = (Avx2.UnpackLow(x, y), Avx2.UnpackHigh(x, y));
            a3 += Avx2.MultiplyAddAdjacent(low, Vector256.Load(weights + (3 * Numbers)).AsInt16());
            b3 += Avx2.MultiplyAddAdjacent(high, Vector256.Load(weights + (3 * Numbers) + Lanes).AsInt16());
            a1 += Avx2.MultiplyAddAdjacent(low, Vector256.Load(weights + (4 * Numbers)).AsInt16());
            b1 += Avx2.MultiplyAddAdjacent(high, Vector256.Load(weights + (4 * Numbers) + Lanes).AsInt16());
            (x, y) = (y, Vector256.Load(row2 + (5 * step)));
            (low, high) = (Avx2.UnpackLow(x, y), Avx2.UnpackHigh(x, y));
            a2 += Avx2.MultiplyAddAdjacent(low, Vector256.Load(weights + (4 * Numbers)).AsInt16());
            b2 += Avx2.MultiplyAddAdjacent(high, Vector256.Load(weights + (4 * Numbers) + Lanes).AsInt16());
            (x, y) = (y, Vector256.Load(row2 + (6 * step)));
            (low, high) = (Avx2.UnpackLow(x, y), Avx2.UnpackHigh(x, y));
            a3 += Avx2.MultiplyAddAdjacent(low, Vector256.Load(weights + (4 * Numbers)).AsInt16());
            b3 += Avx2.MultiplyAddAdjacent(high, Vector256.Load(weights + (4 * Numbers) + Lanes).AsInt16());

            var (seedA, seedB) = (Vector256.Load(bias), Vector256.Load(bias + Lanes));
            (Avx2.Permute2x128(a0, b0, 0x20) + seedA).Store(sums);
            (Avx2.Permute2x128(a0, b0, 0x31) + seedB).Store(sums + Lanes);
            (Avx2.Permute2x128(a1, b1, 0x20) + seedA).Store(sums + (2 * Lanes));
            (Avx2.Permute2x128(a1, b1, 0x31) + seedB).Store(sums + (3 * Lanes));
            (Avx2.Permute2x128(a2, b2, 0x20) + seedA).Store(sums + (4 * Lanes));
            (Avx2.Permute2x128(a2, b2, 0x31) + seedB).Store(sums + (5 * Lanes));
            (Avx2.Permute2x128(a3, b3, 0x20) + seedA).Store(sums + (6 * Lanes));
            (Avx2.Permute2x128(a3, b3, 0x31) + seedB).Store(sums + (7 * Lanes));
        }
    }

    private int Tap(int i) => _isThreeByThree ? ColumnsFirst[i] : i;
}
