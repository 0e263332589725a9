using System.Runtime.CompilerServices;

namespace Kindling.Kernels.Int8;

/// <summary>
/// The inner loops of a direct convolution: some pixels times one or two vectors of output channels. Missing pixels (those after the
/// <c>last</c>) repeat the last one. No calls in here and the sums go to memory: otherwise the compiler keeps them there all the time.
/// </summary>
internal static unsafe class Conv2DTile<TLanes, TVector>
    where TLanes : struct, IInt8Lanes<TVector>
    where TVector : struct
{
    /// <summary>Pixels of a tile: 16 sums need the 32 registers of AVX-512.</summary>
    public static int Pixels => TLanes.Width == 16 ? 8 : 6;

    /// <summary>One tile.</summary>
    /// <param name="vectors">1 or 2 vectors of output channels.</param>
    /// <param name="widened">Input numbers of 16 bits.</param>
    /// <param name="pixels">For each pixel where its window begins.</param>
    /// <param name="last">The last pixel that is there.</param>
    /// <param name="segments">For each run of numbers where it begins in a window.</param>
    /// <param name="segmentCount">Runs in a window.</param>
    /// <param name="pairs">Pairs of numbers in a run.</param>
    /// <param name="weights">Packed weights.</param>
    /// <param name="bias">Seeds of the sums.</param>
    /// <param name="sums"><c>[pixels][vectors]</c>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sum(
        int vectors, short* widened, int* pixels, int last, int* segments, int segmentCount, nint pairs, int* weights, int* bias, int* sums)
    {
        if (TLanes.Width == 16)
        {
            if (vectors == 2)
                EightByTwo(widened, pixels, last, segments, segmentCount, pairs, weights, bias, sums);
            else
                EightByOne(widened, pixels, last, segments, segmentCount, pairs, weights, bias, sums);
        }
        else if (vectors == 2)
        {
            SixByTwo(widened, pixels, last, segments, segmentCount, pairs, weights, bias, sums);
        }
        else
        {
            SixByOne(widened, pixels, last, segments, segmentCount, pairs, weights, bias, sums);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EightByTwo(short* widened, int* pixels, int last, int* segments, int segmentCount, nint pairs, int* weights, int* bias, int* sums)
    {
        var x0 = widened + pixels[0];
        var x1 = widened + pixels[Math.Min(1, last)];
        var x2 = widened + pixels[Math.Min(2, last)];
        var x3 = widened + pixels[Math.Min(3, last)];
        var x4 = widened + pixels[Math.Min(4, last)];
        var x5 = widened + pixels[Math.Min(5, last)];
        var x6 = widened + pixels[Math.Min(6, last)];
        var x7 = widened + pixels[Math.Min(7, last)];
        TVector a0 = TLanes.Load(bias), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
        TVector b0 = TLanes.Load(bias + TLanes.Width), b1 = b0, b2 = b0, b3 = b0, b4 = b0, b5 = b0, b6 = b0, b7 = b0;
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
            for (nint k = 0; k < pairs; k++)
            {
                var wa = TLanes.Load(weights);
                var wb = TLanes.Load(weights + TLanes.Width);
                weights += 2 * TLanes.Width;
                // All products before the sums: Zen's scheduler then keeps its multipliers busy.
                var x = TLanes.Broadcast(p0[k]);
                var s0 = TLanes.MultiplyPairs(x, wa);
                var t0 = TLanes.MultiplyPairs(x, wb);
                x = TLanes.Broadcast(p1[k]);
                var s1 = TLanes.MultiplyPairs(x, wa);
                var t1 = TLanes.MultiplyPairs(x, wb);
                x = TLanes.Broadcast(p2[k]);
                var s2 = TLanes.MultiplyPairs(x, wa);
                var t2 = TLanes.MultiplyPairs(x, wb);
                x = TLanes.Broadcast(p3[k]);
                var s3 = TLanes.MultiplyPairs(x, wa);
                var t3 = TLanes.MultiplyPairs(x, wb);
                a0 = TLanes.Add(a0, s0);
                b0 = TLanes.Add(b0, t0);
                a1 = TLanes.Add(a1, s1);
                b1 = TLanes.Add(b1, t1);
                a2 = TLanes.Add(a2, s2);
                b2 = TLanes.Add(b2, t2);
                a3 = TLanes.Add(a3, s3);
                b3 = TLanes.Add(b3, t3);
                x = TLanes.Broadcast(p4[k]);
                s0 = TLanes.MultiplyPairs(x, wa);
                t0 = TLanes.MultiplyPairs(x, wb);
                x = TLanes.Broadcast(p5[k]);
                s1 = TLanes.MultiplyPairs(x, wa);
                t1 = TLanes.MultiplyPairs(x, wb);
                x = TLanes.Broadcast(p6[k]);
                s2 = TLanes.MultiplyPairs(x, wa);
                t2 = TLanes.MultiplyPairs(x, wb);
                x = TLanes.Broadcast(p7[k]);
                s3 = TLanes.MultiplyPairs(x, wa);
                t3 = TLanes.MultiplyPairs(x, wb);
                a4 = TLanes.Add(a4, s0);
                b4 = TLanes.Add(b4, t0);
                a5 = TLanes.Add(a5, s1);
                b5 = TLanes.Add(b5, t1);
                a6 = TLanes.Add(a6, s2);
                b6 = TLanes.Add(b6, t2);
                a7 = TLanes.Add(a7, s3);
                b7 = TLanes.Add(b7, t3);
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
        TLanes.StoreSums(sums + (12 * TLanes.Width), a6);
        TLanes.StoreSums(sums + (13 * TLanes.Width), b6);
        TLanes.StoreSums(sums + (14 * TLanes.Width), a7);
        TLanes.StoreSums(sums + (15 * TLanes.Width), b7);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EightByOne(short* widened, int* pixels, int last, int* segments, int segmentCount, nint pairs, int* weights, int* bias, int* sums)
    {
        var x0 = widened + pixels[0];
        var x1 = widened + pixels[Math.Min(1, last)];
        var x2 = widened + pixels[Math.Min(2, last)];
        var x3 = widened + pixels[Math.Min(3, last)];
        var x4 = widened + pixels[Math.Min(4, last)];
        var x5 = widened + pixels[Math.Min(5, last)];
        var x6 = widened + pixels[Math.Min(6, last)];
        var x7 = widened + pixels[Math.Min(7, last)];
        TVector a0 = TLanes.Load(bias), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
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
            for (nint k = 0; k < pairs; k++)
            {
                var w = TLanes.Load(weights);
                weights += TLanes.Width;
                var s0 = TLanes.MultiplyPairs(TLanes.Broadcast(p0[k]), w);
                var s1 = TLanes.MultiplyPairs(TLanes.Broadcast(p1[k]), w);
                var s2 = TLanes.MultiplyPairs(TLanes.Broadcast(p2[k]), w);
                var s3 = TLanes.MultiplyPairs(TLanes.Broadcast(p3[k]), w);
                var s4 = TLanes.MultiplyPairs(TLanes.Broadcast(p4[k]), w);
                var s5 = TLanes.MultiplyPairs(TLanes.Broadcast(p5[k]), w);
                var s6 = TLanes.MultiplyPairs(TLanes.Broadcast(p6[k]), w);
                var s7 = TLanes.MultiplyPairs(TLanes.Broadcast(p7[k]), w);
                a0 = TLanes.Add(a0, s0);
                a1 = TLanes.Add(a1, s1);
                a2 = TLanes.Add(a2, s2);
                a3 = TLanes.Add(a3, s3);
                a4 = TLanes.Add(a4, s4);
                a5 = TLanes.Add(a5, s5);
                a6 = TLanes.Add(a6, s6);
                a7 = TLanes.Add(a7, s7);
            }
        }

        TLanes.StoreSums(sums, a0);
        TLanes.StoreSums(sums + TLanes.Width, a1);
        TLanes.StoreSums(sums + (2 * TLanes.Width), a2);
        TLanes.StoreSums(sums + (3 * TLanes.Width), a3);
        TLanes.StoreSums(sums + (4 * TLanes.Width), a4);
        TLanes.StoreSums(sums + (5 * TLanes.Width), a5);
        TLanes.StoreSums(sums + (6 * TLanes.Width), a6);
        TLanes.StoreSums(sums + (7 * TLanes.Width), a7);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SixByTwo(short* widened, int* pixels, int last, int* segments, int segmentCount, nint pairs, int* weights, int* bias, int* sums)
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
    private static void SixByOne(short* widened, int* pixels, int last, int* segments, int segmentCount, nint pairs, int* weights, int* bias, int* sums)
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
