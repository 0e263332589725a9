using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Kindling.Kernels.Int8;

/// <summary>
/// The inputs of windows as <see cref="InnerProductTile"/> reads them: <c>[tiles of 4 pixels][quads of taps][4 pixels][4 taps]</c>, 16 bits each,
/// so that a tile is one stream of memory.
/// </summary>
internal static unsafe class PackedWindows
{
    /// <summary>Taps are packed by so many; a window's memory is a multiple of it.</summary>
    public const int Unit = 16;

    /// <summary>Packs one tile and sums the products of its windows' inputs with each other.</summary>
    /// <param name="windows">Where each of the 4 windows begins.</param>
    /// <param name="taps">Taps of a window, a multiple of <see cref="Unit"/>.</param>
    /// <param name="target">The tile, 4 numbers for each tap.</param>
    /// <param name="corrections">One sum for each pixel.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(sbyte** windows, nint taps, short* target, int* corrections)
    {
        var p0 = windows[0];
        var p1 = windows[1];
        var p2 = windows[2];
        var p3 = windows[3];
        var sums = Vector256<int>.Zero;
        for (nint k = 0; k < taps; k += Unit, target += 4 * Unit)
        {
            var x0 = Avx2.ConvertToVector256Int16(p0 + k).AsInt64();
            var x1 = Avx2.ConvertToVector256Int16(p1 + k).AsInt64();
            var x2 = Avx2.ConvertToVector256Int16(p2 + k).AsInt64();
            var x3 = Avx2.ConvertToVector256Int16(p3 + k).AsInt64();
            var (even01, odd01) = (Avx2.UnpackLow(x0, x1), Avx2.UnpackHigh(x0, x1));
            var (even23, odd23) = (Avx2.UnpackLow(x2, x3), Avx2.UnpackHigh(x2, x3));
            var q0 = Avx2.Permute2x128(even01, even23, 0x20).AsInt16();
            var q1 = Avx2.Permute2x128(odd01, odd23, 0x20).AsInt16();
            var q2 = Avx2.Permute2x128(even01, even23, 0x31).AsInt16();
            var q3 = Avx2.Permute2x128(odd01, odd23, 0x31).AsInt16();
            q0.Store(target);
            q1.Store(target + 16);
            q2.Store(target + 32);
            q3.Store(target + 48);
            sums += PairsTimesNeighbours(q0);
            sums += PairsTimesNeighbours(q1);
            sums += PairsTimesNeighbours(q2);
            sums += PairsTimesNeighbours(q3);
        }

        Avx2.PermuteVar8x32(sums, Vector256.Create(0, 2, 4, 6, 0, 2, 4, 6)).GetLower().Store(corrections);
    }

    /// <summary>Copies the runs of a window one after the other, zeros behind them. May read and write up to 15 bytes more than a run, and as many behind the window.</summary>
    /// <param name="image">Where the window begins.</param>
    /// <param name="segments">For each run where it begins in a window.</param>
    /// <param name="segmentCount">Runs in a window.</param>
    /// <param name="run">Taps of a run.</param>
    /// <param name="target">A multiple of <see cref="Unit"/> taps and <see cref="Unit"/> more.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gather(sbyte* image, int* segments, int segmentCount, int run, sbyte* target)
    {
        for (var s = 0; s < segmentCount; s++, target += run)
        {
            var source = image + segments[s];
            for (nint k = 0; k < run; k += Vector128<sbyte>.Count)
                Vector128.Load(source + k).Store(target + k);
        }

        Vector128<sbyte>.Zero.Store(target);
    }

    // In both lanes of a pixel.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> PairsTimesNeighbours(Vector256<short> quads) =>
        Avx2.MultiplyAddAdjacent(quads, Avx2.Shuffle(quads.AsInt32(), 0b10_11_00_01).AsInt16());
}
