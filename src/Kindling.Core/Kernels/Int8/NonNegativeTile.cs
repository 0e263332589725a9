using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Kindling.Kernels.Int8;

/// <summary>
/// The inner loop of a convolution whose inputs and weights were shifted to 0..255, so that no product is negative. Whole numbers below 2^24
/// are then added by floating-point addition of their bits: as floats they are multiples of the smallest subnormal, and such sums are exact.
/// Integer additions take turns with the multiplications in the same units of the processor; these do not (Zen 4: 1.4 times faster).
/// </summary>
internal static unsafe class NonNegativeTile
{
    // 128 pairs of products of 255 * 255 stay below 2^24.
    private const int PairsAtOnce = 128;
    private static float _smallest = BitConverter.Int32BitsToSingle(1);

    /// <summary>True on machines with the registers for it.</summary>
    public static bool IsSupported => Avx512BW.IsSupported && Vector512.IsHardwareAccelerated;

    /// <summary>False where the calling thread was set to treat subnormal numbers as zero.</summary>
    public static bool AddsExactly
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        get => BitConverter.SingleToInt32Bits(_smallest + _smallest) == 2;
    }

    /// <summary>Sums of the inputs of windows, times 128: what shifted weights add too much.</summary>
    /// <param name="widened">Input numbers of 16 bits, 0 to 255.</param>
    /// <param name="pixels">For each pixel where its window begins.</param>
    /// <param name="count">Pixels.</param>
    /// <param name="segments">For each run of numbers where it begins in a window.</param>
    /// <param name="segmentCount">Runs in a window.</param>
    /// <param name="run">Numbers in a run.</param>
    /// <param name="target">One integer for each pixel.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SumWindows(short* widened, int* pixels, int count, int* segments, int segmentCount, int run, int* target)
    {
        var ones = Vector512.Create((short)1);
        var tail = Vector512.LessThan(Vector512<short>.Indices, Vector512.Create((short)(run % Vector512<short>.Count)));
        for (var p = 0; p < count; p++)
        {
            var sum = Vector512<int>.Zero;
            for (var s = 0; s < segmentCount; s++)
            {
                var x = widened + pixels[p] + segments[s];
                var k = 0;
                for (; k <= run - Vector512<short>.Count; k += Vector512<short>.Count)
                    sum += Avx512BW.MultiplyAddAdjacent(Vector512.Load(x + k), ones);
                if (k < run)
                    sum += Avx512BW.MultiplyAddAdjacent(Vector512.Load(x + k) & tail, ones);
            }

            target[p] = Vector512.Sum(sum) << 7;
        }
    }

    /// <summary>8 pixels by 2 vectors; see <see cref="Conv2DTile{TLanes, TVector}"/>.</summary>
    /// <param name="widened">Input numbers of 16 bits, 0 to 255.</param>
    /// <param name="pixels">For each pixel where its window begins.</param>
    /// <param name="last">The last pixel that is there; missing ones repeat it.</param>
    /// <param name="segments">For each run of numbers where it begins in a window.</param>
    /// <param name="segmentCount">Runs in a window.</param>
    /// <param name="pairs">Pairs of numbers in a run.</param>
    /// <param name="weights">Packed weights, 0 to 255.</param>
    /// <param name="bias">Seeds of the sums.</param>
    /// <param name="corrections">Subtracted from all sums of a pixel.</param>
    /// <param name="sums"><c>[8][2 vectors]</c>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void EightByTwo(
        short* widened, int* pixels, int last, int* segments, int segmentCount, int pairs, int* weights, int* bias, int* corrections, int* sums)
    {
        var (seedA, seedB) = (Vector512.Load(bias), Vector512.Load(bias + 16));
        for (var p = 0; p < 8; p++)
        {
            var correction = Vector512.Create(corrections[Math.Min(p, last)]);
            (seedA - correction).Store(sums + (32 * p));
            (seedB - correction).Store(sums + (32 * p) + 16);
        }

        var x0 = widened + pixels[0];
        var x1 = widened + pixels[Math.Min(1, last)];
        var x2 = widened + pixels[Math.Min(2, last)];
        var x3 = widened + pixels[Math.Min(3, last)];
        var x4 = widened + pixels[Math.Min(4, last)];
        var x5 = widened + pixels[Math.Min(5, last)];
        var x6 = widened + pixels[Math.Min(6, last)];
        var x7 = widened + pixels[Math.Min(7, last)];
        for (var end = segments + segmentCount; segments < end; segments++)
        {
            nint offset = *segments;
            var p0 = (int*)(x0 + offset);
            var p1 = (int*)(x1 + offset);
            var p2 = (int*)(x2 + offset);
            var p3 = (int*)(x3 + offset);
            var p4 = (int*)(x4 + offset);
            var p5 = (int*)(x5 + offset);
            var p6 = (int*)(x6 + offset);
            var p7 = (int*)(x7 + offset);
            for (nint start = 0; start < pairs; start += PairsAtOnce)
            {
                var stop = Math.Min(start + PairsAtOnce, pairs);
                Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default, a6 = default, a7 = default;
                Vector512<float> b0 = default, b1 = default, b2 = default, b3 = default, b4 = default, b5 = default, b6 = default, b7 = default;
                for (var k = start; k < stop; k++)
                {
                    var wa = Vector512.Load(weights).AsInt16();
                    var wb = Vector512.Load(weights + 16).AsInt16();
                    weights += 32;
                    var x = Vector512.Create(p0[k]).AsInt16();
                    a0 += Avx512BW.MultiplyAddAdjacent(x, wa).AsSingle();
                    b0 += Avx512BW.MultiplyAddAdjacent(x, wb).AsSingle();
                    x = Vector512.Create(p1[k]).AsInt16();
                    a1 += Avx512BW.MultiplyAddAdjacent(x, wa).AsSingle();
                    b1 += Avx512BW.MultiplyAddAdjacent(x, wb).AsSingle();
                    x = Vector512.Create(p2[k]).AsInt16();
                    a2 += Avx512BW.MultiplyAddAdjacent(x, wa).AsSingle();
                    b2 += Avx512BW.MultiplyAddAdjacent(x, wb).AsSingle();
                    x = Vector512.Create(p3[k]).AsInt16();
                    a3 += Avx512BW.MultiplyAddAdjacent(x, wa).AsSingle();
                    b3 += Avx512BW.MultiplyAddAdjacent(x, wb).AsSingle();
                    x = Vector512.Create(p4[k]).AsInt16();
                    a4 += Avx512BW.MultiplyAddAdjacent(x, wa).AsSingle();
                    b4 += Avx512BW.MultiplyAddAdjacent(x, wb).AsSingle();
                    x = Vector512.Create(p5[k]).AsInt16();
                    a5 += Avx512BW.MultiplyAddAdjacent(x, wa).AsSingle();
                    b5 += Avx512BW.MultiplyAddAdjacent(x, wb).AsSingle();
                    x = Vector512.Create(p6[k]).AsInt16();
                    a6 += Avx512BW.MultiplyAddAdjacent(x, wa).AsSingle();
                    b6 += Avx512BW.MultiplyAddAdjacent(x, wb).AsSingle();
                    x = Vector512.Create(p7[k]).AsInt16();
                    a7 += Avx512BW.MultiplyAddAdjacent(x, wa).AsSingle();
                    b7 += Avx512BW.MultiplyAddAdjacent(x, wb).AsSingle();
                }

                Flush(a0, sums);
                Flush(b0, sums + 16);
                Flush(a1, sums + 32);
                Flush(b1, sums + 48);
                Flush(a2, sums + 64);
                Flush(b2, sums + 80);
                Flush(a3, sums + 96);
                Flush(b3, sums + 112);
                Flush(a4, sums + 128);
                Flush(b4, sums + 144);
                Flush(a5, sums + 160);
                Flush(b5, sums + 176);
                Flush(a6, sums + 192);
                Flush(b6, sums + 208);
                Flush(a7, sums + 224);
                Flush(b7, sums + 240);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Flush(Vector512<float> bits, int* sums) => (Vector512.Load(sums) + bits.AsInt32()).Store(sums);
}
