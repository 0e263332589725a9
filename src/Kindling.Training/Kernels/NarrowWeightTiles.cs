using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Kindling.Training.Kernels;

/// <summary>The tiles of <see cref="WeightTiles"/> in parts whose sums fit sixteen registers of 256 bits; the same bits.</summary>
internal static unsafe class NarrowWeightTiles
{
    /// <summary>Runs the tile of 8 or 12 rows and 16 or 32 columns.</summary>
    public static void Run(WeightTile* tile, int rows, int columns)
    {
        var part = *tile;
        var rowsOfPart = rows == 12 ? 6 : 4;
        for (var column = 0; column < columns; column += 16)
        {
            for (var row = 0; row < rows; row += rowsOfPart)
            {
                part.Input = tile->Input + row;
                part.Gradient = tile->Gradient + column;
                part.Sums = tile->Sums + (row * tile->SumStep) + column;
                if (rowsOfPart == 6)
                    Rows6(&part);
                else
                    Rows4(&part);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows6(WeightTile* tile)
    {
        var sums = tile->Sums;
        var step = tile->SumStep;
        var s0a = Vector256.Load(sums);
        var s0b = Vector256.Load(sums + 8);
        var s1a = Vector256.Load(sums + step);
        var s1b = Vector256.Load(sums + step + 8);
        var s2a = Vector256.Load(sums + (2 * step));
        var s2b = Vector256.Load(sums + (2 * step) + 8);
        var s3a = Vector256.Load(sums + (3 * step));
        var s3b = Vector256.Load(sums + (3 * step) + 8);
        var s4a = Vector256.Load(sums + (4 * step));
        var s4b = Vector256.Load(sums + (4 * step) + 8);
        var s5a = Vector256.Load(sums + (5 * step));
        var s5b = Vector256.Load(sums + (5 * step) + 8);
        var (inputStep, gradientStep) = (tile->InputStep, tile->GradientStep);
        for (var run = 0; run < tile->RunCount; run++)
        {
            var input = tile->Input + tile->Runs[run].Input;
            var gradient = tile->Gradient + tile->Runs[run].Gradient;
            for (var count = tile->Runs[run].Count; count > 0; count--)
            {
                var a = Vector256.Load(gradient);
                var b = Vector256.Load(gradient + 8);
                var x0 = Vector256.Create(input[0]);
                s0a = Vector256.FusedMultiplyAdd(x0, a, s0a);
                s0b = Vector256.FusedMultiplyAdd(x0, b, s0b);
                var x1 = Vector256.Create(input[1]);
                s1a = Vector256.FusedMultiplyAdd(x1, a, s1a);
                s1b = Vector256.FusedMultiplyAdd(x1, b, s1b);
                var x2 = Vector256.Create(input[2]);
                s2a = Vector256.FusedMultiplyAdd(x2, a, s2a);
                s2b = Vector256.FusedMultiplyAdd(x2, b, s2b);
                var x3 = Vector256.Create(input[3]);
                s3a = Vector256.FusedMultiplyAdd(x3, a, s3a);
                s3b = Vector256.FusedMultiplyAdd(x3, b, s3b);
                var x4 = Vector256.Create(input[4]);
                s4a = Vector256.FusedMultiplyAdd(x4, a, s4a);
                s4b = Vector256.FusedMultiplyAdd(x4, b, s4b);
                var x5 = Vector256.Create(input[5]);
                s5a = Vector256.FusedMultiplyAdd(x5, a, s5a);
                s5b = Vector256.FusedMultiplyAdd(x5, b, s5b);
                input += inputStep;
                gradient += gradientStep;
            }
        }

        s0a.Store(sums);
        s0b.Store(sums + 8);
        s1a.Store(sums + step);
        s1b.Store(sums + step + 8);
        s2a.Store(sums + (2 * step));
        s2b.Store(sums + (2 * step) + 8);
        s3a.Store(sums + (3 * step));
        s3b.Store(sums + (3 * step) + 8);
        s4a.Store(sums + (4 * step));
        s4b.Store(sums + (4 * step) + 8);
        s5a.Store(sums + (5 * step));
        s5b.Store(sums + (5 * step) + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows4(WeightTile* tile)
    {
        var sums = tile->Sums;
        var step = tile->SumStep;
        var s0a = Vector256.Load(sums);
        var s0b = Vector256.Load(sums + 8);
        var s1a = Vector256.Load(sums + step);
        var s1b = Vector256.Load(sums + step + 8);
        var s2a = Vector256.Load(sums + (2 * step));
        var s2b = Vector256.Load(sums + (2 * step) + 8);
        var s3a = Vector256.Load(sums + (3 * step));
        var s3b = Vector256.Load(sums + (3 * step) + 8);
        var (inputStep, gradientStep) = (tile->InputStep, tile->GradientStep);
        for (var run = 0; run < tile->RunCount; run++)
        {
            var input = tile->Input + tile->Runs[run].Input;
            var gradient = tile->Gradient + tile->Runs[run].Gradient;
            for (var count = tile->Runs[run].Count; count > 0; count--)
            {
                var a = Vector256.Load(gradient);
                var b = Vector256.Load(gradient + 8);
                var x0 = Vector256.Create(input[0]);
                s0a = Vector256.FusedMultiplyAdd(x0, a, s0a);
                s0b = Vector256.FusedMultiplyAdd(x0, b, s0b);
                var x1 = Vector256.Create(input[1]);
                s1a = Vector256.FusedMultiplyAdd(x1, a, s1a);
                s1b = Vector256.FusedMultiplyAdd(x1, b, s1b);
                var x2 = Vector256.Create(input[2]);
                s2a = Vector256.FusedMultiplyAdd(x2, a, s2a);
                s2b = Vector256.FusedMultiplyAdd(x2, b, s2b);
                var x3 = Vector256.Create(input[3]);
                s3a = Vector256.FusedMultiplyAdd(x3, a, s3a);
                s3b = Vector256.FusedMultiplyAdd(x3, b, s3b);
                input += inputStep;
                gradient += gradientStep;
            }
        }

        s0a.Store(sums);
        s0b.Store(sums + 8);
        s1a.Store(sums + step);
        s1b.Store(sums + step + 8);
        s2a.Store(sums + (2 * step));
        s2b.Store(sums + (2 * step) + 8);
        s3a.Store(sums + (3 * step));
        s3b.Store(sums + (3 * step) + 8);
    }
}
