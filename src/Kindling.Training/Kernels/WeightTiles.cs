using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Kindling.Training.Kernels;

/// <summary>The register tiles of the weight gradient, written out because the sums must stay in registers.</summary>
internal static unsafe class WeightTiles
{
    /// <summary>Runs the tile of 8 or 12 rows and 16 or 32 columns.</summary>
    public static void Run(WeightTile* tile, int rows, int columns)
    {
        if (Vector512.IsHardwareAccelerated)
            RunWide(tile, rows, columns);
        else
            NarrowWeightTiles.Run(tile, rows, columns);
    }

    /// <summary>Runs the tile with sums of 512 bits.</summary>
    internal static void RunWide(WeightTile* tile, int rows, int columns)
    {
        if (rows == 12 && columns == 32)
            Rows12Columns32(tile);
        else if (rows == 12)
            Rows12Columns16(tile);
        else if (columns == 32)
            Rows8Columns32(tile);
        else
            Rows8Columns16(tile);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows12Columns32(WeightTile* tile)
    {
        var sums = tile->Sums;
        var step = tile->SumStep;
        var s0a = Vector512.Load(sums);
        var s0b = Vector512.Load(sums + 16);
        var s1a = Vector512.Load(sums + step);
        var s1b = Vector512.Load(sums + step + 16);
        var s2a = Vector512.Load(sums + (2 * step));
        var s2b = Vector512.Load(sums + (2 * step) + 16);
        var s3a = Vector512.Load(sums + (3 * step));
        var s3b = Vector512.Load(sums + (3 * step) + 16);
        var s4a = Vector512.Load(sums + (4 * step));
        var s4b = Vector512.Load(sums + (4 * step) + 16);
        var s5a = Vector512.Load(sums + (5 * step));
        var s5b = Vector512.Load(sums + (5 * step) + 16);
        var s6a = Vector512.Load(sums + (6 * step));
        var s6b = Vector512.Load(sums + (6 * step) + 16);
        var s7a = Vector512.Load(sums + (7 * step));
        var s7b = Vector512.Load(sums + (7 * step) + 16);
        var s8a = Vector512.Load(sums + (8 * step));
        var s8b = Vector512.Load(sums + (8 * step) + 16);
        var s9a = Vector512.Load(sums + (9 * step));
        var s9b = Vector512.Load(sums + (9 * step) + 16);
        var s10a = Vector512.Load(sums + (10 * step));
        var s10b = Vector512.Load(sums + (10 * step) + 16);
        var s11a = Vector512.Load(sums + (11 * step));
        var s11b = Vector512.Load(sums + (11 * step) + 16);
        var (inputStep, gradientStep) = (tile->InputStep, tile->GradientStep);
        for (var run = 0; run < tile->RunCount; run++)
        {
            var input = tile->Input + tile->Runs[run].Input;
            var gradient = tile->Gradient + tile->Runs[run].Gradient;
            for (var count = tile->Runs[run].Count; count > 0; count--)
            {
                var a = Vector512.Load(gradient);
                var b = Vector512.Load(gradient + 16);
                var x0 = Vector512.Create(input[0]);
                s0a = Vector512.FusedMultiplyAdd(x0, a, s0a);
                s0b = Vector512.FusedMultiplyAdd(x0, b, s0b);
                var x1 = Vector512.Create(input[1]);
                s1a = Vector512.FusedMultiplyAdd(x1, a, s1a);
                s1b = Vector512.FusedMultiplyAdd(x1, b, s1b);
                var x2 = Vector512.Create(input[2]);
                s2a = Vector512.FusedMultiplyAdd(x2, a, s2a);
                s2b = Vector512.FusedMultiplyAdd(x2, b, s2b);
                var x3 = Vector512.Create(input[3]);
                s3a = Vector512.FusedMultiplyAdd(x3, a, s3a);
                s3b = Vector512.FusedMultiplyAdd(x3, b, s3b);
                var x4 = Vector512.Create(input[4]);
                s4a = Vector512.FusedMultiplyAdd(x4, a, s4a);
                s4b = Vector512.FusedMultiplyAdd(x4, b, s4b);
                var x5 = Vector512.Create(input[5]);
                s5a = Vector512.FusedMultiplyAdd(x5, a, s5a);
                s5b = Vector512.FusedMultiplyAdd(x5, b, s5b);
                var x6 = Vector512.Create(input[6]);
                s6a = Vector512.FusedMultiplyAdd(x6, a, s6a);
                s6b = Vector512.FusedMultiplyAdd(x6, b, s6b);
                var x7 = Vector512.Create(input[7]);
                s7a = Vector512.FusedMultiplyAdd(x7, a, s7a);
                s7b = Vector512.FusedMultiplyAdd(x7, b, s7b);
                var x8 = Vector512.Create(input[8]);
                s8a = Vector512.FusedMultiplyAdd(x8, a, s8a);
                s8b = Vector512.FusedMultiplyAdd(x8, b, s8b);
                var x9 = Vector512.Create(input[9]);
                s9a = Vector512.FusedMultiplyAdd(x9, a, s9a);
                s9b = Vector512.FusedMultiplyAdd(x9, b, s9b);
                var x10 = Vector512.Create(input[10]);
                s10a = Vector512.FusedMultiplyAdd(x10, a, s10a);
                s10b = Vector512.FusedMultiplyAdd(x10, b, s10b);
                var x11 = Vector512.Create(input[11]);
                s11a = Vector512.FusedMultiplyAdd(x11, a, s11a);
                s11b = Vector512.FusedMultiplyAdd(x11, b, s11b);
                input += inputStep;
                gradient += gradientStep;
            }
        }

        s0a.Store(sums);
        s0b.Store(sums + 16);
        s1a.Store(sums + step);
        s1b.Store(sums + step + 16);
        s2a.Store(sums + (2 * step));
        s2b.Store(sums + (2 * step) + 16);
        s3a.Store(sums + (3 * step));
        s3b.Store(sums + (3 * step) + 16);
        s4a.Store(sums + (4 * step));
        s4b.Store(sums + (4 * step) + 16);
        s5a.Store(sums + (5 * step));
        s5b.Store(sums + (5 * step) + 16);
        s6a.Store(sums + (6 * step));
        s6b.Store(sums + (6 * step) + 16);
        s7a.Store(sums + (7 * step));
        s7b.Store(sums + (7 * step) + 16);
        s8a.Store(sums + (8 * step));
        s8b.Store(sums + (8 * step) + 16);
        s9a.Store(sums + (9 * step));
        s9b.Store(sums + (9 * step) + 16);
        s10a.Store(sums + (10 * step));
        s10b.Store(sums + (10 * step) + 16);
        s11a.Store(sums + (11 * step));
        s11b.Store(sums + (11 * step) + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows12Columns16(WeightTile* tile)
    {
        var sums = tile->Sums;
        var step = tile->SumStep;
        var s0a = Vector512.Load(sums);
        var s1a = Vector512.Load(sums + step);
        var s2a = Vector512.Load(sums + (2 * step));
        var s3a = Vector512.Load(sums + (3 * step));
        var s4a = Vector512.Load(sums + (4 * step));
        var s5a = Vector512.Load(sums + (5 * step));
        var s6a = Vector512.Load(sums + (6 * step));
        var s7a = Vector512.Load(sums + (7 * step));
        var s8a = Vector512.Load(sums + (8 * step));
        var s9a = Vector512.Load(sums + (9 * step));
        var s10a = Vector512.Load(sums + (10 * step));
        var s11a = Vector512.Load(sums + (11 * step));
        var (inputStep, gradientStep) = (tile->InputStep, tile->GradientStep);
        for (var run = 0; run < tile->RunCount; run++)
        {
            var input = tile->Input + tile->Runs[run].Input;
            var gradient = tile->Gradient + tile->Runs[run].Gradient;
            for (var count = tile->Runs[run].Count; count > 0; count--)
            {
                var a = Vector512.Load(gradient);
                s0a = Vector512.FusedMultiplyAdd(Vector512.Create(input[0]), a, s0a);
                s1a = Vector512.FusedMultiplyAdd(Vector512.Create(input[1]), a, s1a);
                s2a = Vector512.FusedMultiplyAdd(Vector512.Create(input[2]), a, s2a);
                s3a = Vector512.FusedMultiplyAdd(Vector512.Create(input[3]), a, s3a);
                s4a = Vector512.FusedMultiplyAdd(Vector512.Create(input[4]), a, s4a);
                s5a = Vector512.FusedMultiplyAdd(Vector512.Create(input[5]), a, s5a);
                s6a = Vector512.FusedMultiplyAdd(Vector512.Create(input[6]), a, s6a);
                s7a = Vector512.FusedMultiplyAdd(Vector512.Create(input[7]), a, s7a);
                s8a = Vector512.FusedMultiplyAdd(Vector512.Create(input[8]), a, s8a);
                s9a = Vector512.FusedMultiplyAdd(Vector512.Create(input[9]), a, s9a);
                s10a = Vector512.FusedMultiplyAdd(Vector512.Create(input[10]), a, s10a);
                s11a = Vector512.FusedMultiplyAdd(Vector512.Create(input[11]), a, s11a);
                input += inputStep;
                gradient += gradientStep;
            }
        }

        s0a.Store(sums);
        s1a.Store(sums + step);
        s2a.Store(sums + (2 * step));
        s3a.Store(sums + (3 * step));
        s4a.Store(sums + (4 * step));
        s5a.Store(sums + (5 * step));
        s6a.Store(sums + (6 * step));
        s7a.Store(sums + (7 * step));
        s8a.Store(sums + (8 * step));
        s9a.Store(sums + (9 * step));
        s10a.Store(sums + (10 * step));
        s11a.Store(sums + (11 * step));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows8Columns32(WeightTile* tile)
    {
        var sums = tile->Sums;
        var step = tile->SumStep;
        var s0a = Vector512.Load(sums);
        var s0b = Vector512.Load(sums + 16);
        var s1a = Vector512.Load(sums + step);
        var s1b = Vector512.Load(sums + step + 16);
        var s2a = Vector512.Load(sums + (2 * step));
        var s2b = Vector512.Load(sums + (2 * step) + 16);
        var s3a = Vector512.Load(sums + (3 * step));
        var s3b = Vector512.Load(sums + (3 * step) + 16);
        var s4a = Vector512.Load(sums + (4 * step));
        var s4b = Vector512.Load(sums + (4 * step) + 16);
        var s5a = Vector512.Load(sums + (5 * step));
        var s5b = Vector512.Load(sums + (5 * step) + 16);
        var s6a = Vector512.Load(sums + (6 * step));
        var s6b = Vector512.Load(sums + (6 * step) + 16);
        var s7a = Vector512.Load(sums + (7 * step));
        var s7b = Vector512.Load(sums + (7 * step) + 16);
        var (inputStep, gradientStep) = (tile->InputStep, tile->GradientStep);
        for (var run = 0; run < tile->RunCount; run++)
        {
            var input = tile->Input + tile->Runs[run].Input;
            var gradient = tile->Gradient + tile->Runs[run].Gradient;
            for (var count = tile->Runs[run].Count; count > 0; count--)
            {
                var a = Vector512.Load(gradient);
                var b = Vector512.Load(gradient + 16);
                var x0 = Vector512.Create(input[0]);
                s0a = Vector512.FusedMultiplyAdd(x0, a, s0a);
                s0b = Vector512.FusedMultiplyAdd(x0, b, s0b);
                var x1 = Vector512.Create(input[1]);
                s1a = Vector512.FusedMultiplyAdd(x1, a, s1a);
                s1b = Vector512.FusedMultiplyAdd(x1, b, s1b);
                var x2 = Vector512.Create(input[2]);
                s2a = Vector512.FusedMultiplyAdd(x2, a, s2a);
                s2b = Vector512.FusedMultiplyAdd(x2, b, s2b);
                var x3 = Vector512.Create(input[3]);
                s3a = Vector512.FusedMultiplyAdd(x3, a, s3a);
                s3b = Vector512.FusedMultiplyAdd(x3, b, s3b);
                var x4 = Vector512.Create(input[4]);
                s4a = Vector512.FusedMultiplyAdd(x4, a, s4a);
                s4b = Vector512.FusedMultiplyAdd(x4, b, s4b);
                var x5 = Vector512.Create(input[5]);
                s5a = Vector512.FusedMultiplyAdd(x5, a, s5a);
                s5b = Vector512.FusedMultiplyAdd(x5, b, s5b);
                var x6 = Vector512.Create(input[6]);
                s6a = Vector512.FusedMultiplyAdd(x6, a, s6a);
                s6b = Vector512.FusedMultiplyAdd(x6, b, s6b);
                var x7 = Vector512.Create(input[7]);
                s7a = Vector512.FusedMultiplyAdd(x7, a, s7a);
                s7b = Vector512.FusedMultiplyAdd(x7, b, s7b);
                input += inputStep;
                gradient += gradientStep;
            }
        }

        s0a.Store(sums);
        s0b.Store(sums + 16);
        s1a.Store(sums + step);
        s1b.Store(sums + step + 16);
        s2a.Store(sums + (2 * step));
        s2b.Store(sums + (2 * step) + 16);
        s3a.Store(sums + (3 * step));
        s3b.Store(sums + (3 * step) + 16);
        s4a.Store(sums + (4 * step));
        s4b.Store(sums + (4 * step) + 16);
        s5a.Store(sums + (5 * step));
        s5b.Store(sums + (5 * step) + 16);
        s6a.Store(sums + (6 * step));
        s6b.Store(sums + (6 * step) + 16);
        s7a.Store(sums + (7 * step));
        s7b.Store(sums + (7 * step) + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows8Columns16(WeightTile* tile)
    {
        var sums = tile->Sums;
        var step = tile->SumStep;
        var s0a = Vector512.Load(sums);
        var s1a = Vector512.Load(sums + step);
        var s2a = Vector512.Load(sums + (2 * step));
        var s3a = Vector512.Load(sums + (3 * step));
        var s4a = Vector512.Load(sums + (4 * step));
        var s5a = Vector512.Load(sums + (5 * step));
        var s6a = Vector512.Load(sums + (6 * step));
        var s7a = Vector512.Load(sums + (7 * step));
        var (inputStep, gradientStep) = (tile->InputStep, tile->GradientStep);
        for (var run = 0; run < tile->RunCount; run++)
        {
            var input = tile->Input + tile->Runs[run].Input;
            var gradient = tile->Gradient + tile->Runs[run].Gradient;
            for (var count = tile->Runs[run].Count; count > 0; count--)
            {
                var a = Vector512.Load(gradient);
                s0a = Vector512.FusedMultiplyAdd(Vector512.Create(input[0]), a, s0a);
                s1a = Vector512.FusedMultiplyAdd(Vector512.Create(input[1]), a, s1a);
                s2a = Vector512.FusedMultiplyAdd(Vector512.Create(input[2]), a, s2a);
                s3a = Vector512.FusedMultiplyAdd(Vector512.Create(input[3]), a, s3a);
                s4a = Vector512.FusedMultiplyAdd(Vector512.Create(input[4]), a, s4a);
                s5a = Vector512.FusedMultiplyAdd(Vector512.Create(input[5]), a, s5a);
                s6a = Vector512.FusedMultiplyAdd(Vector512.Create(input[6]), a, s6a);
                s7a = Vector512.FusedMultiplyAdd(Vector512.Create(input[7]), a, s7a);
                input += inputStep;
                gradient += gradientStep;
            }
        }

        s0a.Store(sums);
        s1a.Store(sums + step);
        s2a.Store(sums + (2 * step));
        s3a.Store(sums + (3 * step));
        s4a.Store(sums + (4 * step));
        s5a.Store(sums + (5 * step));
        s6a.Store(sums + (6 * step));
        s7a.Store(sums + (7 * step));
    }
}
