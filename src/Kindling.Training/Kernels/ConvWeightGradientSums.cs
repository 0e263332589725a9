using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Kindling.Execution;
using Kindling.Tensors;

namespace Kindling.Training.Kernels;

/// <summary>
/// Sums up weight gradients straight from the <c>[N, H, W, C]</c> input: outer products of a pixel's taps and its gradient. Rows of pixels whose tap lies
/// outside the image are shortened, so nothing is padded or copied.
/// </summary>
internal sealed unsafe class ConvWeightGradientSums : IWeightGradientSums
{
    private const int PixelsOfBlock = 128;
    private readonly WeightGradientLayout _layout;
    private readonly Shape _input;
    private readonly Shape _output;
    private readonly int _inputStride;
    private readonly int _gradientStride;
    private readonly int _linesOfBlock;

    /// <summary>Lays the work out; the views say nothing about where the data lie.</summary>
    public ConvWeightGradientSums(WeightGradientLayout layout, TensorView x, TensorView dy)
    {
        _layout = layout;
        (_input, _inputStride) = (x.Shape, x.PixelStride);
        (_output, _gradientStride) = (dy.Shape, dy.PixelStride);
        _linesOfBlock = Math.Max(1, PixelsOfBlock / _layout.PixelsOfFullLine);
    }

    /// <inheritdoc/>
    public int ScratchBytes => (_layout.Taps + 1) * ((_linesOfBlock * sizeof(PixelRun)) + sizeof(int));

    /// <inheritdoc/>
    public int SumFloats => (_layout.Rows + 1) * _layout.Columns;

    /// <inheritdoc/>
    public void Add(float* x, float* dy, float* sums, byte* scratch) =>
        Add(x, dy, 0, _layout.Lines, 0, _layout.Columns, sums, scratch);

    /// <summary>Adds some lines of pixels to some columns of the sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(float* x, float* dy, int firstLine, int lastLine, int firstColumn, int lastColumn, float* sums, byte* scratch)
    {
        var runs = (PixelRun*)scratch;
        var counts = (int*)(runs + ((_layout.Taps + 1) * _linesOfBlock));
        for (var line = firstLine; line < lastLine; line += _linesOfBlock)
        {
            var lines = Math.Min(_linesOfBlock, lastLine - line);
            for (var tap = 0; tap <= _layout.Taps; tap++)
                counts[tap] = FindRuns(tap, line, lines, runs + (tap * _linesOfBlock));
            for (var column = firstColumn; column < lastColumn; column += 32)
                RunBlock(x, dy, runs, counts, column, Math.Min(32, lastColumn - column), sums);
            if (_layout.IsRun)
                AddBorders(x, dy, line, lines, firstColumn, lastColumn, sums);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunBlock(float* x, float* dy, PixelRun* runs, int* counts, int column, int columns, float* sums)
    {
        var tile = new WeightTile
        {
            InputStep = (nint)_inputStride * _layout.Window.Stride.Width,
            Gradient = dy + column,
            GradientStep = _gradientStride,
            SumStep = _layout.Columns,
        };
        for (var tap = 0; tap < _layout.Taps; tap++)
        {
            tile.Runs = runs + (tap * _linesOfBlock);
            tile.RunCount = counts[tap];
            for (var i = 0; i < _layout.Tiles.Count; i++)
            {
                var (first, size) = _layout.Tiles[i];
                tile.Input = x + first;
                tile.Sums = sums + (((nint)(tap * _layout.RowsOfTap) + first) * _layout.Columns) + column;
                WeightTiles.Run(&tile, size, columns);
            }
        }

        if (!_layout.HasBias)
            return;
        var all = runs + (_layout.Taps * _linesOfBlock);
        AddBias(dy, all, counts[_layout.Taps], column, columns, sums + ((nint)_layout.Rows * _layout.Columns) + column);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddBias(float* dy, PixelRun* runs, int count, int column, int columns, float* sums)
    {
        for (var v = 0; v < columns; v += 16)
        {
            var (even, odd) = (Vector512.Load(sums + v), Vector512<float>.Zero);
            for (var run = 0; run < count; run++)
            {
                var gradient = dy + runs[run].Gradient + column + v;
                var i = runs[run].Count;
                for (; i >= 2; i -= 2, gradient += 2 * _gradientStride)
                {
                    even += Vector512.Load(gradient);
                    odd += Vector512.Load(gradient + _gradientStride);
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
        var (input, output, window) = (_input, _output, _layout.Window);
        var count = 0;
        for (var l = line; l < line + lines; l++)
        {
            if (window.IsPointwise)
            {
                var first = (nint)l * _layout.PixelsOfFullLine;
                runs[count++] = new PixelRun(
                    first * _inputStride, first * _gradientStride, Math.Min(_layout.PixelsOfFullLine, output.Pixels - first));
                continue;
            }

            var (image, oy) = Math.DivRem(l, output.Height);
            var gradient = (nint)l * output.Width;
            if (tap == _layout.Taps)
            {
                runs[count++] = new PixelRun(0, gradient * _gradientStride, output.Width);
                continue;
            }

            var (ky, kx) = _layout.IsRun ? (tap, 0) : Math.DivRem(tap, window.Columns);
            var iy = (oy * window.Stride.Height) + (ky * window.Dilation.Height) - window.Padding.Top;
            var (ox, pixels) = _layout.IsRun
                ? Interior()
                : ConvWindow.Inside(kx * window.Dilation.Width, window.Padding.Left, window.Stride.Width, input.Width, output.Width);
            if (iy < 0 || iy >= input.Height || pixels == 0)
                continue;
            var ix = (ox * window.Stride.Width) + (kx * window.Dilation.Width) - window.Padding.Left;
            runs[count++] = new PixelRun(
                (((((nint)image * input.Height) + iy) * input.Width) + ix) * _inputStride, (gradient + ox) * _gradientStride, pixels);
        }

        return count;
    }

    /// <summary>The output columns whose whole kernel row lies inside the image.</summary>
    private (int First, int Count) Interior()
    {
        var window = _layout.Window;
        var (first, _) = ConvWindow.Inside(0, window.Padding.Left, window.Stride.Width, _input.Width, _output.Width);
        var (start, count) = ConvWindow.Inside(window.Columns - 1, window.Padding.Left, window.Stride.Width, _input.Width, _output.Width);
        return (first, Math.Max(0, start + count - first));
    }

    /// <summary>The pixels left and right of the interior, tap by tap.</summary>
    private void AddBorders(float* x, float* dy, int line, int lines, int firstColumn, int lastColumn, float* sums)
    {
        var (first, count) = Interior();
        if (count == _output.Width)
            return;
        for (var l = line; l < line + lines; l++)
        {
            for (var ox = 0; ox < _output.Width; ox++)
            {
                if (ox < first || ox >= first + count)
                    AddPixel(x, dy, l, ox, firstColumn, lastColumn, sums);
            }
        }
    }

    private void AddPixel(float* x, float* dy, int line, int ox, int firstColumn, int lastColumn, float* sums)
    {
        var (input, window) = (_input, _layout.Window);
        var (image, oy) = Math.DivRem(line, _output.Height);
        var gradient = dy + ((((nint)line * _output.Width) + ox) * _gradientStride);
        for (var ky = 0; ky < window.Rows; ky++)
        {
            var iy = (oy * window.Stride.Height) + (ky * window.Dilation.Height) - window.Padding.Top;
            for (var kx = 0; kx < window.Columns && iy >= 0 && iy < input.Height; kx++)
            {
                var ix = (ox * window.Stride.Width) + kx - window.Padding.Left;
                if (ix < 0 || ix >= input.Width)
                    continue;
                var pixel = x + ((((((nint)image * input.Height) + iy) * input.Width) + ix) * _inputStride);
                for (var c = 0; c < input.Channels; c++)
                {
                    var row = sums + (((nint)(ky * _layout.RowsOfTap) + (kx * input.Channels) + c) * _layout.Columns);
                    var factor = Vector512.Create(pixel[c]);
                    for (var v = firstColumn; v < lastColumn; v += 16)
                        Vector512.FusedMultiplyAdd(factor, Vector512.Load(gradient + v), Vector512.Load(row + v)).Store(row + v);
                }
            }
        }
    }
}
