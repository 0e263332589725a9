using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Kindling.Kernels.Int8;

/// <summary>
/// The inner loop of a convolution by Winograd's inner product (1968, https://doi.org/10.1109/TC.1968.227420):
/// <c>(x0 + w2)(x2 + w0) = x0 w0 + x2 w2 + x0 x2 + w0 w2</c>, half of the multiplications for as many additions more. The products of inputs with each other
/// are the same for all channels, those of weights the same for all pixels. Whole numbers that wrap, so the sums are those of the direct convolution.
/// <c>vpmaddwd</c> runs in two of Zen's units, additions in all four, so that fewer wait (1.14 times faster on Zen 4, inputs and weights in the nearest cache).
/// </summary>
internal static unsafe class InnerProductTile
{
    // 8 sums, 4 vectors of weights, 2 of inputs and 2 in between are 16 registers.
    private const int TilePixels = 4;
    private const int BlockChannels = 16;

    // Weights of a block that stay in the nearest cache beside the inputs.
    private const int MostWeightBytes = 20 * 1024;

    // The products of inputs of a pixel are as much work as about 4 channels.
    private const int FewestChannels = 48;
    private const int FewestTapsOfRun = 32;
    private const int MostTaps = 1 << 14;

    /// <summary>True when the machine has the registers and no better instruction, and a window is worth it.</summary>
    /// <param name="channels">Output channels.</param>
    /// <param name="segments">Runs in a window.</param>
    /// <param name="run">Numbers in a run.</param>
    public static bool IsFaster(int channels, int segments, int run) =>
        Avx2.IsSupported && !AvxVnni.IsSupported && channels >= FewestChannels && (run % 4 == 0 || run >= FewestTapsOfRun) && segments * run <= MostTaps;

    /// <summary>What the products of a window's inputs with each other add to every sum.</summary>
    /// <param name="widened">Input numbers of 16 bits.</param>
    /// <param name="pixels">For each pixel where its window begins.</param>
    /// <param name="count">Pixels.</param>
    /// <param name="segments">For each run of numbers where it begins in a window.</param>
    /// <param name="segmentCount">Runs in a window.</param>
    /// <param name="pairs">Pairs of numbers in a run, an even number.</param>
    /// <param name="target">One integer for each pixel.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SumProductsOfInputs(short* widened, int* pixels, int count, int* segments, int segmentCount, int pairs, int* target)
    {
        for (var p = 0; p < count; p++)
        {
            var twice = Vector256<int>.Zero;
            var rest = 0;
            for (var s = 0; s < segmentCount; s++)
            {
                var x = widened + pixels[p] + segments[s];
                var end = x + (2 * pairs);
                for (; x <= end - Vector256<short>.Count; x += Vector256<short>.Count)
                {
                    // Every pair with its neighbour, in both lanes.
                    var numbers = Vector256.Load(x);
                    twice += Avx2.MultiplyAddAdjacent(numbers, Avx2.Shuffle(numbers.AsInt32(), 0b10_11_00_01).AsInt16());
                }

                for (; x < end; x += 4)
                    rest += (x[0] * x[2]) + (x[1] * x[3]);
            }

            target[p] = (Vector256.Sum(twice) >> 1) + rest;
        }
    }

    /// <summary>Sums of some pixels by 2 vectors of channels; see <see cref="Conv2DTile{TLanes, TVector}"/>.</summary>
    /// <param name="widened">Input numbers of 16 bits.</param>
    /// <param name="pixels">For each pixel where its window begins.</param>
    /// <param name="count">Pixels.</param>
    /// <param name="segments">For each run of numbers where it begins in a window.</param>
    /// <param name="segmentCount">Runs in a window.</param>
    /// <param name="pairs">Pairs of numbers in a run, an even number.</param>
    /// <param name="weights">Packed weights.</param>
    /// <param name="bias">Seeds of the sums, without the products of weights with each other.</param>
    /// <param name="corrections">Subtracted from all sums of a pixel.</param>
    /// <param name="sums"><c>[pixels, rounded up to 4][2 vectors]</c>.</param>
    public static void Sum(
        short* widened, int* pixels, int count, int* segments, int segmentCount, int pairs, int* weights, int* bias, int* corrections, int* sums)
    {
        Seed(bias, corrections, count, sums);
        var segmentsAtOnce = Math.Clamp(MostWeightBytes / (pairs * BlockChannels * sizeof(int)), 1, segmentCount);
        for (var s = 0; s < segmentCount; s += segmentsAtOnce)
        {
            for (var p = 0; p < count; p += TilePixels)
            {
                FourByTwo(
                    widened, pixels + p, Math.Min(TilePixels, count - p) - 1, segments + s, Math.Min(segmentsAtOnce, segmentCount - s), pairs,
                    weights + ((nint)s * pairs * BlockChannels), sums + (p * BlockChannels));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Seed(int* bias, int* corrections, int count, int* sums)
    {
        var (a, b) = (Vector256.Load(bias), Vector256.Load(bias + 8));
        for (var p = 0; p < count; p++, sums += BlockChannels)
        {
            var correction = Vector256.Create(corrections[p]);
            (a - correction).Store(sums);
            (b - correction).Store(sums + 8);
        }
    }

    // Adds to the sums; missing pixels repeat the last one. No calls in here: otherwise the compiler keeps the sums in memory all the time.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourByTwo(short* widened, int* pixels, int last, int* segments, int segmentCount, nint pairs, int* weights, int* sums)
    {
        var x0 = widened + pixels[0];
        var x1 = widened + pixels[Math.Min(1, last)];
        var x2 = widened + pixels[Math.Min(2, last)];
        var x3 = widened + pixels[Math.Min(3, last)];
        var (a0, b0) = (Vector256.Load(sums), Vector256.Load(sums + 8));
        var (a1, b1) = (Vector256.Load(sums + 16), Vector256.Load(sums + 24));
        var (a2, b2) = (Vector256.Load(sums + 32), Vector256.Load(sums + 40));
        var (a3, b3) = (Vector256.Load(sums + 48), Vector256.Load(sums + 56));
        for (var end = segments + segmentCount; segments < end; segments++)
        {
            nint offset = *segments;
            var p0 = (int*)(x0 + offset);
            var p1 = (int*)(x1 + offset);
            var p2 = (int*)(x2 + offset);
            var p3 = (int*)(x3 + offset);
            for (nint k = 0; k < pairs; k += 2)
            {
                var wa = Vector256.Load(weights).AsInt16();
                var wb = Vector256.Load(weights + 8).AsInt16();
                var va = Vector256.Load(weights + 16).AsInt16();
                var vb = Vector256.Load(weights + 24).AsInt16();
                weights += 32;
                var x = Vector256.Create(p0[k]).AsInt16();
                var y = Vector256.Create(p0[k + 1]).AsInt16();
                a0 += Avx2.MultiplyAddAdjacent(x + va, y + wa);
                b0 += Avx2.MultiplyAddAdjacent(x + vb, y + wb);
                x = Vector256.Create(p1[k]).AsInt16();
                y = Vector256.Create(p1[k + 1]).AsInt16();
                a1 += Avx2.MultiplyAddAdjacent(x + va, y + wa);
                b1 += Avx2.MultiplyAddAdjacent(x + vb, y + wb);
                x = Vector256.Create(p2[k]).AsInt16();
                y = Vector256.Create(p2[k + 1]).AsInt16();
                a2 += Avx2.MultiplyAddAdjacent(x + va, y + wa);
                b2 += Avx2.MultiplyAddAdjacent(x + vb, y + wb);
                x = Vector256.Create(p3[k]).AsInt16();
                y = Vector256.Create(p3[k + 1]).AsInt16();
                a3 += Avx2.MultiplyAddAdjacent(x + va, y + wa);
                b3 += Avx2.MultiplyAddAdjacent(x + vb, y + wb);
            }
        }

        a0.Store(sums);
        b0.Store(sums + 8);
        a1.Store(sums + 16);
        b1.Store(sums + 24);
        a2.Store(sums + 32);
        b2.Store(sums + 40);
        a3.Store(sums + 48);
        b3.Store(sums + 56);
    }
}
