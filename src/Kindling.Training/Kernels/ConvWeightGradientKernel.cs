using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Kindling.Execution;

namespace Kindling.Training.Kernels;

/// <summary>
/// Partial weight gradients straight from the <c>[N, H, W, C]</c> input: outer products of a pixel's taps and its gradient. Rows of pixels whose tap lies
/// outside the image are shortened, so nothing is padded or copied. A chunk is one part's pixels times one group of column tiles.
/// </summary>
internal sealed unsafe class ConvWeightGradientKernel(WeightGradientLayout layout, TensorView x, TensorView dy, TensorView partials) : Kernel
{
    private const int PixelsOfBlock = 128;
    private readonly int _linesOfBlock = Math.Max(1, PixelsOfBlock / layout.PixelsOfFullLine);

    /// <inheritdoc/>
    public override int Chunks => layout.Parts * layout.Groups;

    /// <inheritdoc/>
    public override int ScratchBytes => (layout.Taps + 1) * ((_linesOfBlock * sizeof(PixelRun)) + sizeof(int));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(int chunk, byte* scratch)
    {
        var (part, group) = Math.DivRem(chunk, layout.Groups);
        var firstTile = layout.ColumnTiles * group / layout.Groups;
        var lastTile = layout.ColumnTiles * (group + 1) / layout.Groups;
        var firstColumn = firstTile * 32;
        var lastColumn = Math.Min(layout.Columns, lastTile * 32);
        var sums = partials.Floats + ((nint)part * (layout.Rows + 1) * layout.Columns);
        for (var row = 0; row <= layout.Rows; row++)
            new Span<float>(sums + ((nint)row * layout.Columns) + firstColumn, lastColumn - firstColumn).Clear();

        var runs = (PixelRun*)scratch;
        var counts = (int*)(runs + ((layout.Taps + 1) * _linesOfBlock));
        var end = (int)((long)layout.Lines * (part + 1) / layout.Parts);
        for (var line = (int)((long)layout.Lines * part / layout.Parts); line < end; line += _linesOfBlock)
        {
            var lines = Math.Min(_linesOfBlock, end - line);
            for (var tap = 0; tap <= layout.Taps; tap++)
                counts[tap] = FindRuns(tap, line, lines, runs + (tap * _linesOfBlock));
            for (var column = firstColumn; column < lastColumn; column += 32)
                RunBlock(runs, counts, column, Math.Min(32, lastColumn - column), sums);
            if (layout.IsRun)
                AddBorders(line, lines, firstColumn, lastColumn, sums);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunBlock(PixelRun* runs, int* counts, int column, int columns, float* sums)
    {
        var tile = new WeightTile
        {
            InputStep = (nint)x.PixelStride * layout.Window.Stride.Width,
            Gradient = dy.Floats + column,
            GradientStep = dy.PixelStride,
            SumStep = layout.Columns,
        };
        for (var tap = 0; tap < layout.Taps; tap++)
        {
            tile.Runs = runs + (tap * _linesOfBlock);
            tile.RunCount = counts[tap];
            for (var i = 0; i < layout.Tiles.Count; i++)
            {
                var (first, size) = layout.Tiles[i];
                tile.Input = x.Floats + first;
                tile.Sums = sums + (((nint)(tap * layout.RowsOfTap) + first) * layout.Columns) + column;
                WeightTiles.Run(&tile, size, columns);
            }
        }

        var all = runs + (layout.Taps * _linesOfBlock);
        AddBias(all, counts[layout.Taps], column, columns, sums + ((nint)layout.Rows * layout.Columns) + column);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddBias(PixelRun* runs, int count, int column, int columns, float* sums)
    {
        for (var v = 0; v < columns; v += 16)
        {
            var (even, odd) = (Vector512.Load(sums + v), Vector512<float>.Zero);
            for (var run = 0; run < count; run++)
            {
                var gradient = dy.Floats + runs[run].Gradient + column + v;
                var i = runs[run].Count;
                for (; i >= 2; i -= 2, gradient += 2 * dy.PixelStride)
                {
                    even += Vector512.Load(gradient);
                    odd += Vector512.Load(gradient + dy.PixelStride);
                }

                if (i > 0)
                    even += Vector512.Load(gradient);
            }

            (even + odd).Store(sums + v);
        }
    }

    /// <summary>The stretches of some lines whose tap lies inside the image; for the tap after the last (the bias) whole lines.</summary>
    private int FindRuns(int tap, int line, int lines, PixelRun* runs)
    {
        var (input, output, window) = (x.Shape, dy.Shape, layout.Window);
        var count = 0;
        for (var l = line; l < line + lines; l++)
        {
            if (window.IsPointwise)
            {
                var first = (nint)l * layout.PixelsOfFullLine;
                runs[count++] = new PixelRun(
                    first * x.PixelStride, first * dy.PixelStride, Math.Min(layout.PixelsOfFullLine, output.Pixels - first));
                continue;
            }

            var (image, oy) = Math.DivRem(l, output.Height);
            var gradient = (nint)l * output.Width;
            if (tap == layout.Taps)
            {
                runs[count++] = new PixelRun(0, gradient * dy.PixelStride, output.Width);
                continue;
            }

            var (ky, kx) = layout.IsRun ? (tap, 0) : Math.DivRem(tap, window.Columns);
            var iy = (oy * window.Stride.Height) + (ky * window.Dilation.Height) - window.Padding.Top;
            var (ox, pixels) = layout.IsRun
                ? Interior()
                : ConvWindow.Inside(kx * window.Dilation.Width, window.Padding.Left, window.Stride.Width, input.Width, output.Width);
            if (iy < 0 || iy >= input.Height || pixels == 0)
                continue;
            var ix = (ox * window.Stride.Width) + (kx * window.Dilation.Width) - window.Padding.Left;
            runs[count++] = new PixelRun(
                (((((nint)image * input.Height) + iy) * input.Width) + ix) * x.PixelStride, (gradient + ox) * dy.PixelStride, pixels);
        }

        return count;
    }

    /// <summary>The output columns whose whole kernel row lies inside the image.</summary>
    private (int First, int Count) Interior()
    {
        var window = layout.Window;
        var (first, _) = ConvWindow.Inside(0, window.Padding.Left, window.Stride.Width, x.Shape.Width, dy.Shape.Width);
        var (start, count) = ConvWindow.Inside(window.Columns - 1, window.Padding.Left, window.Stride.Width, x.Shape.Width, dy.Shape.Width);
        return (first, Math.Max(0, start + count - first));
    }

    /// <summary>The pixels left and right of the interior, tap by tap.</summary>
    private void AddBorders(int line, int lines, int firstColumn, int lastColumn, float* sums)
    {
        var (first, count) = Interior();
        for (var l = line; l < line + lines; l++)
        {
            for (var ox = 0; ox < dy.Shape.Width; ox++)
            {
                if (ox < first || ox >= first + count)
                    AddPixel(l, ox, firstColumn, lastColumn, sums);
            }
        }
    }

    private void AddPixel(int line, int ox, int firstColumn, int lastColumn, float* sums)
    {
        var (input, window) = (x.Shape, layout.Window);
        var (image, oy) = Math.DivRem(line, dy.Shape.Height);
        var gradient = dy.Floats + ((((nint)line * dy.Shape.Width) + ox) * dy.PixelStride);
        for (var ky = 0; ky < window.Rows; ky++)
        {
            var iy = (oy * window.Stride.Height) + (ky * window.Dilation.Height) - window.Padding.Top;
            for (var kx = 0; kx < window.Columns && iy >= 0 && iy < input.Height; kx++)
            {
                var ix = (ox * window.Stride.Width) + kx - window.Padding.Left;
                if (ix < 0 || ix >= input.Width)
                    continue;
                var pixel = x.Floats + ((((((nint)image * input.Height) + iy) * input.Width) + ix) * x.PixelStride);
                for (var c = 0; c < input.Channels; c++)
                {
                    var row = sums + (((nint)(ky * layout.RowsOfTap) + (kx * input.Channels) + c) * layout.Columns);
                    var factor = Vector512.Create(pixel[c]);
                    for (var v = firstColumn; v < lastColumn; v += 16)
                        Vector512.FusedMultiplyAdd(factor, Vector512.Load(gradient + v), Vector512.Load(row + v)).Store(row + v);
                }
            }
        }
    }
}
