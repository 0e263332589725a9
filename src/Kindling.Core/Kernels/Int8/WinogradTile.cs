using System.Runtime.CompilerServices;

namespace Kindling.Kernels.Int8;

/// <summary>The two inner loops of F(4x4, 3x3): products of transformed tiles and weights, and the output transform.</summary>
internal static unsafe class WinogradTile<TLanes, TVector>
    where TLanes : struct, IInt8Lanes<TVector>
    where TVector : struct
{
    /// <summary>Outputs of a tile, one side.</summary>
    public const int Outputs = 4;

    private const int Side = WinogradInput.Side;

    /// <summary>For each of the 6 elements of a column: 8 tiles times 2 vectors of output channels.</summary>
    /// <param name="count">Tiles that are there; the products of the others mean nothing.</param>
    /// <param name="tiles">Transformed tiles <c>[6][8 tiles][pairs of channels]</c>.</param>
    /// <param name="pairs">Pairs of channels.</param>
    /// <param name="weights">Transformed weights <c>[6][pairs][2 vectors]</c>.</param>
    /// <param name="products">Products <c>[6][8][2 vectors]</c>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Multiply(int count, short* tiles, nint pairs, int* weights, int* products)
    {
        // 16 sums need the 32 registers of AVX-512.
        if (TLanes.Width == 16 && count > 4)
        {
            MultiplyEight(tiles, pairs, weights, products);
            return;
        }

        MultiplyFour(tiles, pairs, weights, products);
        if (count > 4)
            MultiplyFour(tiles + (8 * pairs), pairs, weights, products + (8 * TLanes.Width));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyEight(short* tiles, nint pairs, int* weights, int* products)
    {
        for (var element = 0; element < Side; element++, tiles += 16 * pairs, products += 16 * TLanes.Width)
        {
            var p0 = (int*)tiles;
            var p1 = p0 + pairs;
            var p2 = p1 + pairs;
            var p3 = p2 + pairs;
            var p4 = p3 + pairs;
            var p5 = p4 + pairs;
            var p6 = p5 + pairs;
            var p7 = p6 + pairs;
            TVector a0 = TLanes.Broadcast(0), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
            TVector b0 = a0, b1 = a0, b2 = a0, b3 = a0, b4 = a0, b5 = a0, b6 = a0, b7 = a0;
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

            TLanes.StoreSums(products, a0);
            TLanes.StoreSums(products + TLanes.Width, b0);
            TLanes.StoreSums(products + (2 * TLanes.Width), a1);
            TLanes.StoreSums(products + (3 * TLanes.Width), b1);
            TLanes.StoreSums(products + (4 * TLanes.Width), a2);
            TLanes.StoreSums(products + (5 * TLanes.Width), b2);
            TLanes.StoreSums(products + (6 * TLanes.Width), a3);
            TLanes.StoreSums(products + (7 * TLanes.Width), b3);
            TLanes.StoreSums(products + (8 * TLanes.Width), a4);
            TLanes.StoreSums(products + (9 * TLanes.Width), b4);
            TLanes.StoreSums(products + (10 * TLanes.Width), a5);
            TLanes.StoreSums(products + (11 * TLanes.Width), b5);
            TLanes.StoreSums(products + (12 * TLanes.Width), a6);
            TLanes.StoreSums(products + (13 * TLanes.Width), b6);
            TLanes.StoreSums(products + (14 * TLanes.Width), a7);
            TLanes.StoreSums(products + (15 * TLanes.Width), b7);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyFour(short* tiles, nint pairs, int* weights, int* products)
    {
        for (var element = 0; element < Side; element++, tiles += 16 * pairs, products += 16 * TLanes.Width)
        {
            var p0 = (int*)tiles;
            var p1 = p0 + pairs;
            var p2 = p1 + pairs;
            var p3 = p2 + pairs;
            TVector a0 = TLanes.Broadcast(0), a1 = a0, a2 = a0, a3 = a0;
            TVector b0 = a0, b1 = a0, b2 = a0, b3 = a0;
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
            }

            TLanes.StoreSums(products, a0);
            TLanes.StoreSums(products + TLanes.Width, b0);
            TLanes.StoreSums(products + (2 * TLanes.Width), a1);
            TLanes.StoreSums(products + (3 * TLanes.Width), b1);
            TLanes.StoreSums(products + (4 * TLanes.Width), a2);
            TLanes.StoreSums(products + (5 * TLanes.Width), b2);
            TLanes.StoreSums(products + (6 * TLanes.Width), a3);
            TLanes.StoreSums(products + (7 * TLanes.Width), b3);
        }
    }

    /// <summary>The first half of the output transform: one column of each tile, <c>Aᵀ M</c>.</summary>
    /// <param name="products">Products <c>[6][8 tiles][2 vectors]</c>.</param>
    /// <param name="vectors">Vectors to transform, two for each tile.</param>
    /// <param name="columns">The column's place in <c>[vectors][4][6]</c> vectors.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransformColumn(int* products, int vectors, int* columns)
    {
        for (; vectors > 0; vectors--, products += TLanes.Width, columns += Outputs * Side * TLanes.Width)
        {
            Combine(products, 16 * TLanes.Width, out var y0, out var y1, out var y2, out var y3);
            TLanes.StoreSums(columns, y0);
            TLanes.StoreSums(columns + (Side * TLanes.Width), y1);
            TLanes.StoreSums(columns + (2 * Side * TLanes.Width), y2);
            TLanes.StoreSums(columns + (3 * Side * TLanes.Width), y3);
        }
    }

    /// <summary>The second half: the 4x4 sums of one vector of output channels of one tile, <c>Aᵀ M A</c>, divided by 576, plus the bias.</summary>
    /// <param name="columns">4x6 vectors.</param>
    /// <param name="bias">Bias of the channels.</param>
    /// <param name="sums">16 vectors.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransformRows(int* columns, int* bias, int* sums)
    {
        var inverse = TLanes.Broadcast(WinogradWeights.InverseOfNine);
        var seed = TLanes.Load(bias);
        for (var y = 0; y < Outputs; y++, columns += Side * TLanes.Width, sums += Outputs * TLanes.Width)
        {
            Combine(columns, TLanes.Width, out var y0, out var y1, out var y2, out var y3);
            TLanes.StoreSums(sums, Finish(y0, inverse, seed));
            TLanes.StoreSums(sums + TLanes.Width, Finish(y1, inverse, seed));
            TLanes.StoreSums(sums + (2 * TLanes.Width), Finish(y2, inverse, seed));
            TLanes.StoreSums(sums + (3 * TLanes.Width), Finish(y3, inverse, seed));
        }
    }

    // The rows of A times 24 / (4, -6, -6, 24, 24, 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Combine(int* m, nint step, out TVector y0, out TVector y1, out TVector y2, out TVector y3)
    {
        var m0 = TLanes.Load(m);
        var m1 = TLanes.Load(m + step);
        var m2 = TLanes.Load(m + (2 * step));
        var m3 = TLanes.Load(m + (3 * step));
        var m4 = TLanes.Load(m + (4 * step));
        var m5 = TLanes.Load(m + (5 * step));
        var (a, b) = (TLanes.ShiftLeft(TLanes.Add(m1, m2), 2), TLanes.ShiftLeft(TLanes.Subtract(m1, m2), 2));
        var (c, d) = (TLanes.Add(m3, m4), TLanes.ShiftLeft(TLanes.Subtract(m3, m4), 1));
        var twice = TLanes.Add(m0, m0);
        y0 = TLanes.Add(TLanes.Add(TLanes.Subtract(c, a), twice), TLanes.ShiftLeft(twice, 1));
        y1 = TLanes.Subtract(d, b);
        y2 = TLanes.Subtract(TLanes.ShiftLeft(c, 2), a);
        var three = TLanes.Add(TLanes.Add(m5, m5), m5);
        y3 = TLanes.Add(TLanes.Subtract(TLanes.ShiftLeft(d, 2), b), TLanes.ShiftLeft(three, 3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Finish(TVector y, TVector inverse, TVector bias) =>
        TLanes.Add(TLanes.ShiftRight(TLanes.MultiplyLow(y, inverse), WinogradWeights.Shift), bias);
}
