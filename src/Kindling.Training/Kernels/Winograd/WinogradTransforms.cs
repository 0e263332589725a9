using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Kindling.Training.Kernels.Winograd;

/// <summary>
/// The transforms of Winograd's minimal filtering F(4x4, 3x3) (Lavin and Gray 2015; points 0, 1, -1, 2, -2 and infinity), sixteen channels at a time:
/// 36 multiplications for 16 outputs of a 3x3 window instead of 144. Steps are in floats.
/// </summary>
internal static unsafe class WinogradTransforms
{
    /// <summary>Places of a transformed tile.</summary>
    public const int Places = 36;

    /// <summary>Pixels a tile is wide before its window is taken off.</summary>
    public const int Side = 6;

    /// <summary>Outputs a tile is wide.</summary>
    public const int Outputs = 4;

    /// <summary>Floats of scratch memory for one tile of sixteen channels.</summary>
    public const int ScratchFloats = Places * 16;

    /// <summary>B^T d B of a tile of 6x6 pixels into 36 planes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Input(float* tile, nint rowStep, nint pixelStep, float* planes, nint planeStep, float* scratch)
    {
        for (var column = 0; column < Side; column++, tile += pixelStep)
        {
            InputVector(
                Vector512.Load(tile), Vector512.Load(tile + rowStep), Vector512.Load(tile + (2 * rowStep)), Vector512.Load(tile + (3 * rowStep)),
                Vector512.Load(tile + (4 * rowStep)), Vector512.Load(tile + (5 * rowStep)), scratch + (column * 16), Side * 16);
        }

        for (var row = 0; row < Side; row++, scratch += Side * 16, planes += Side * planeStep)
        {
            InputVector(
                Vector512.Load(scratch), Vector512.Load(scratch + 16), Vector512.Load(scratch + 32), Vector512.Load(scratch + 48),
                Vector512.Load(scratch + 64), Vector512.Load(scratch + 80), planes, planeStep);
        }
    }

    /// <summary>A^T m A of 36 planes into 4x4 pixels of scratch memory, <c>[16][16]</c> behind the first <see cref="ScratchFloats"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Output(float* planes, nint planeStep, float* pixels, float* scratch)
    {
        for (var column = 0; column < Side; column++, planes += planeStep)
        {
            OutputVector(
                Vector512.Load(planes), Vector512.Load(planes + (6 * planeStep)), Vector512.Load(planes + (12 * planeStep)),
                Vector512.Load(planes + (18 * planeStep)), Vector512.Load(planes + (24 * planeStep)), Vector512.Load(planes + (30 * planeStep)),
                scratch + (column * 16), Side * 16);
        }

        for (var row = 0; row < Outputs; row++, scratch += Side * 16, pixels += Outputs * 16)
        {
            OutputVector(
                Vector512.Load(scratch), Vector512.Load(scratch + 16), Vector512.Load(scratch + 32), Vector512.Load(scratch + 48),
                Vector512.Load(scratch + 64), Vector512.Load(scratch + 80), pixels, 16);
        }
    }

    /// <summary>A d A^T of a gradient's tile of 4x4 pixels into 36 planes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gradient(float* tile, nint rowStep, nint pixelStep, float* planes, nint planeStep, float* scratch)
    {
        for (var column = 0; column < Outputs; column++, tile += pixelStep)
        {
            GradientVector(
                Vector512.Load(tile), Vector512.Load(tile + rowStep), Vector512.Load(tile + (2 * rowStep)), Vector512.Load(tile + (3 * rowStep)),
                scratch + (column * 16), Outputs * 16);
        }

        for (var row = 0; row < Side; row++, scratch += Outputs * 16, planes += Side * planeStep)
        {
            GradientVector(
                Vector512.Load(scratch), Vector512.Load(scratch + 16), Vector512.Load(scratch + 32), Vector512.Load(scratch + 48), planes, planeStep);
        }
    }

    /// <summary>G g G^T of 3x3 weights, <c>[9][16]</c>, into 36 vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Weights(float* window, float* places, float* scratch)
    {
        for (var column = 0; column < 3; column++, window += 16)
        {
            WeightsVector(
                Vector512.Load(window), Vector512.Load(window + 48), Vector512.Load(window + 96), scratch + (column * 16), 3 * 16);
        }

        for (var row = 0; row < Side; row++, scratch += 3 * 16, places += Side * 16)
            WeightsVector(Vector512.Load(scratch), Vector512.Load(scratch + 16), Vector512.Load(scratch + 32), places, 16);
    }

    /// <summary>G^T u G of 36 vectors into the gradient of 3x3 weights, <c>[9][16]</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void WeightGradient(float* places, float* window, float* scratch)
    {
        for (var column = 0; column < Side; column++, places += 16)
        {
            WeightGradientVector(
                Vector512.Load(places), Vector512.Load(places + 96), Vector512.Load(places + 192), Vector512.Load(places + 288),
                Vector512.Load(places + 384), Vector512.Load(places + 480), scratch + (column * 16), Side * 16);
        }

        for (var row = 0; row < 3; row++, scratch += Side * 16, window += 3 * 16)
        {
            WeightGradientVector(
                Vector512.Load(scratch), Vector512.Load(scratch + 16), Vector512.Load(scratch + 32), Vector512.Load(scratch + 48),
                Vector512.Load(scratch + 64), Vector512.Load(scratch + 80), window, 16);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InputVector(
        Vector512<float> d0, Vector512<float> d1, Vector512<float> d2, Vector512<float> d3, Vector512<float> d4, Vector512<float> d5, float* target, nint step)
    {
        var four = Vector512.Create(4f);
        var five = Vector512.Create(-5f);
        var two = Vector512.Create(2f);
        var even = Vector512.FusedMultiplyAdd(-four, d2, d4);
        var odd = Vector512.FusedMultiplyAdd(-four, d1, d3);
        var near = d4 - d2;
        var far = d3 - d1;
        Vector512.FusedMultiplyAdd(five, d2, Vector512.FusedMultiplyAdd(four, d0, d4)).Store(target);
        (even + odd).Store(target + step);
        (even - odd).Store(target + (2 * step));
        Vector512.FusedMultiplyAdd(two, far, near).Store(target + (3 * step));
        Vector512.FusedMultiplyAdd(-two, far, near).Store(target + (4 * step));
        Vector512.FusedMultiplyAdd(five, d3, Vector512.FusedMultiplyAdd(four, d1, d5)).Store(target + (5 * step));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void OutputVector(
        Vector512<float> m0, Vector512<float> m1, Vector512<float> m2, Vector512<float> m3, Vector512<float> m4, Vector512<float> m5, float* target, nint step)
    {
        var s = m1 + m2;
        var d = m1 - m2;
        var u = m3 + m4;
        var v = m3 - m4;
        (m0 + s + u).Store(target);
        Vector512.FusedMultiplyAdd(Vector512.Create(2f), v, d).Store(target + step);
        Vector512.FusedMultiplyAdd(Vector512.Create(4f), u, s).Store(target + (2 * step));
        (Vector512.FusedMultiplyAdd(Vector512.Create(8f), v, d) + m5).Store(target + (3 * step));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void GradientVector(
        Vector512<float> d0, Vector512<float> d1, Vector512<float> d2, Vector512<float> d3, float* target, nint step)
    {
        var even = d0 + d2;
        var odd = d1 + d3;
        var evenOfTwo = Vector512.FusedMultiplyAdd(Vector512.Create(4f), d2, d0);
        var oddOfTwo = Vector512.Create(2f) * Vector512.FusedMultiplyAdd(Vector512.Create(4f), d3, d1);
        d0.Store(target);
        (even + odd).Store(target + step);
        (even - odd).Store(target + (2 * step));
        (evenOfTwo + oddOfTwo).Store(target + (3 * step));
        (evenOfTwo - oddOfTwo).Store(target + (4 * step));
        d3.Store(target + (5 * step));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WeightsVector(Vector512<float> g0, Vector512<float> g1, Vector512<float> g2, float* target, nint step)
    {
        var sixth = Vector512.Create(-1 / 6f);
        var twelfth = Vector512.Create(1 / 12f);
        var outer = (g0 + g2) * sixth;
        var wide = Vector512.FusedMultiplyAdd(Vector512.Create(1 / 24f), g0, Vector512.Create(1 / 6f) * g2);
        (g0 * Vector512.Create(0.25f)).Store(target);
        Vector512.FusedMultiplyAdd(sixth, g1, outer).Store(target + step);
        Vector512.FusedMultiplyAdd(-sixth, g1, outer).Store(target + (2 * step));
        Vector512.FusedMultiplyAdd(twelfth, g1, wide).Store(target + (3 * step));
        Vector512.FusedMultiplyAdd(-twelfth, g1, wide).Store(target + (4 * step));
        g2.Store(target + (5 * step));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WeightGradientVector(
        Vector512<float> u0, Vector512<float> u1, Vector512<float> u2, Vector512<float> u3, Vector512<float> u4, Vector512<float> u5, float* target, nint step)
    {
        var sixth = Vector512.Create(-1 / 6f);
        var s = u1 + u2;
        var t = u3 + u4;
        Vector512.FusedMultiplyAdd(
            Vector512.Create(0.25f), u0, Vector512.FusedMultiplyAdd(sixth, s, Vector512.Create(1 / 24f) * t)).Store(target);
        Vector512.FusedMultiplyAdd(sixth, u1 - u2, Vector512.Create(1 / 12f) * (u3 - u4)).Store(target + step);
        (Vector512.FusedMultiplyAdd(sixth, s, Vector512.Create(1 / 6f) * t) + u5).Store(target + (2 * step));
    }
}
