using System.Runtime.CompilerServices;
using Kindling.Execution;
using Kindling.Graphs.Operators;
using Kindling.Kernels.Float.Simd;

namespace Kindling.Kernels.Float.Convolution;

/// <summary>
/// Convolution as an implicit matrix product: register tiles of output pixels times panels of packed weights, straight from the
/// <c>[N, H, W, C]</c> input. Padded inputs are copied band by band into zero-bordered scratch. Both views may have gaps between pixels.
/// </summary>
internal sealed unsafe class ConvFloat : Kernel, IImageKernel, IDisposable
{
    private readonly TensorView _input;
    private readonly TensorView _output;
    private readonly ConvWeights _weights;
    private readonly ConvSettings _settings;
    private readonly ConvPanels _panels;
    private readonly ConvPanel[] _order;
    private readonly ConvWork _work;
    private readonly bool _isPadded;
    private readonly int _bufferColumns;
    private readonly int _bufferFloats;
    private readonly ConvTile _template;

    /// <summary>Binds a convolution to its memory. <see cref="Prepare"/> reads weights and bias.</summary>
    public ConvFloat(
        TensorView input, TensorView output, ConvWeights weights, FloatSource? bias, ConvSettings settings, VectorWidth? width = null)
    {
        _input = input;
        _output = output;
        _weights = weights;
        _settings = settings;
        _panels = new ConvPanels(weights, bias, width ?? VectorWidths.Best);
        _order = [.. _panels.Panels];
        _isPadded = !settings.Padding.IsNone;
        var isFlat = !_isPadded && weights.Rows == 1 && weights.Columns == 1 && settings.Stride == 1;
        _work = ConvWork.Plan(input.Shape, output.Shape, weights.Taps, isFlat, _order);
        _bufferColumns = ((output.Shape.Width - 1) * settings.Stride.Width) + ((weights.Columns - 1) * settings.Dilation.Width) + 1;
        var bufferRows = ((_work.MostRowsOfAnImage - 1) * settings.Stride.Height) + ((weights.Rows - 1) * settings.Dilation.Height) + 1;
        _bufferFloats = _isPadded ? checked(bufferRows * _bufferColumns * weights.Inputs) : 0;
        ScratchBytes = checked((_bufferFloats + (_order.Max(p => p.Tiles.MaxPixels) * _order.Max(p => p.Tiles.Width)) + 16) * sizeof(float));
        _template = Template();
    }

    /// <inheritdoc/>
    public override int Chunks => _work.Bands * _work.Groups;

    /// <inheritdoc/>
    public override int ScratchBytes { get; }

    /// <inheritdoc/>
    public override void Prepare() => _panels.Pack();

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch) => Run(chunk, _input.Floats, _output.Floats, scratch);

    /// <inheritdoc/>
    public void Run(float* input, float* output, byte* scratch)
    {
        for (var chunk = 0; chunk < Chunks; chunk++)
            Run(chunk, input, output, scratch);
    }

    /// <inheritdoc/>
    public void Dispose() => _panels.Dispose();

    private void Run(int chunk, float* input, float* output, byte* scratch)
    {
        var (band, group) = Math.DivRem(chunk, _work.Groups);
        var firstPanel = _order.Length * group / _work.Groups;
        var lastPanel = _order.Length * (group + 1) / _work.Groups;
        var first = _work.FirstLine(band);
        var last = _work.FirstLine(band + 1);
        if (_work.IsFlat)
        {
            RunLines(input + ((nint)first * _input.PixelStride), 0, output + ((nint)first * _output.PixelStride), 0,
                1, last - first, firstPanel, lastPanel, (float*)scratch);
            return;
        }

        var rows = _output.Shape.Height;
        while (first < last)
        {
            var (image, row) = Math.DivRem(first, rows);
            var count = Math.Min(last - first, rows - row);
            RunImage(input, output, image, row, count, firstPanel, lastPanel, (float*)scratch);
            first += count;
        }
    }

    private ConvTile Template()
    {
        var (min, max) = _settings.Activation.Range();
        var pixel = _isPadded ? _weights.Inputs : _input.PixelStride;
        var columns = _isPadded ? _bufferColumns : _input.Shape.Width;
        var isOneRun = pixel == _weights.Inputs && _settings.Dilation.Width == 1;
        return new ConvTile
        {
            PixelStep = (nint)pixel * _settings.Stride.Width * sizeof(float),
            LineStep = (nint)pixel * columns * _settings.Dilation.Height * sizeof(float),
            RunStep = (nint)pixel * _settings.Dilation.Width * sizeof(float),
            RunBytes = (nint)_weights.Inputs * (isOneRun ? _weights.Columns : 1) * sizeof(float),
            Lines = _weights.Rows,
            Runs = isOneRun ? 1 : _weights.Columns,
            Min = min,
            Max = max,
        };
    }

    private void RunImage(float* images, float* output, int image, int row, int count, int firstPanel, int lastPanel, float* scratch)
    {
        var shape = _output.Shape;
        output += (((nint)image * shape.Height) + row) * shape.Width * _output.PixelStride;
        float* input;
        nint step;
        if (_isPadded)
        {
            FillBuffer(images, image, row, count, scratch);
            input = scratch;
            step = (nint)_bufferColumns * _weights.Inputs * _settings.Stride.Height;
        }
        else
        {
            step = (nint)_input.Shape.Width * _input.PixelStride;
            input = images + ((((nint)image * _input.Shape.Height) + ((nint)row * _settings.Stride.Height)) * step);
            step *= _settings.Stride.Height;
        }

        RunLines(input, step, output, (nint)shape.Width * _output.PixelStride, count, shape.Width, firstPanel, lastPanel, scratch + _bufferFloats);
    }

    /// <summary>Panel by panel over lines of output pixels, so that a panel stays in the cache while the band passes by.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunLines(
        float* input, nint inputStep, float* output, nint outputStep, int lines, int pixels, int firstPanel, int lastPanel, float* spill)
    {
        var tile = _template;
        for (var index = firstPanel; index < lastPanel; index++)
        {
            var panel = _order[index];
            var set = panel.Tiles;
            var tiles = (pixels + set.MaxPixels - 1) / set.MaxPixels;
            var (share, larger) = Math.DivRem(pixels, tiles);
            var panelOutput = output + panel.First;
            tile.Panel = _panels.Weights(panel);
            tile.Seed = (byte*)_panels.Bias(panel);
            tile.SeedStep = 0;
            for (var line = 0; line < lines; line++)
            {
                tile.Input = (byte*)(input + (line * inputStep));
                var target = panelOutput + (line * outputStep);
                for (var t = 0; t < tiles; t++)
                {
                    var count = t < larger ? share + 1 : share;
                    if (panel.IsFull)
                    {
                        tile.Output = (byte*)target;
                        tile.OutputStep = (nint)_output.PixelStride * sizeof(float);
                        if (_settings.Accumulate)
                        {
                            tile.Seed = tile.Output;
                            tile.SeedStep = tile.OutputStep;
                        }

                        set.Run(count, &tile);
                    }
                    else
                    {
                        RunPartial(panel, &tile, count, target, spill);
                    }

                    tile.Input += count * tile.PixelStep;
                    target += (nint)count * _output.PixelStride;
                }
            }
        }
    }

    // The last panel may be wider than the output channels left: through scratch, so that nothing beyond them is touched.
    private void RunPartial(ConvPanel panel, ConvTile* tile, int pixels, float* target, float* spill)
    {
        var width = panel.Tiles.Width;
        tile->Output = (byte*)spill;
        tile->OutputStep = (nint)width * sizeof(float);
        if (_settings.Accumulate)
        {
            tile->Seed = tile->Output;
            tile->SeedStep = tile->OutputStep;
            for (var p = 0; p < pixels; p++)
            {
                for (var o = 0; o < panel.Outputs; o++)
                    spill[(p * width) + o] = target[((nint)p * _output.PixelStride) + o];
            }
        }

        panel.Tiles.Run(pixels, tile);
        for (var p = 0; p < pixels; p++)
        {
            for (var o = 0; o < panel.Outputs; o++)
                target[((nint)p * _output.PixelStride) + o] = spill[(p * width) + o];
        }
    }

    private void FillBuffer(float* images, int image, int row, int count, float* buffer)
    {
        var (height, width, channels) = (_input.Shape.Height, _input.Shape.Width, _weights.Inputs);
        var top = (row * _settings.Stride.Height) - _settings.Padding.Top;
        var rows = ((count - 1) * _settings.Stride.Height) + ((_weights.Rows - 1) * _settings.Dilation.Height) + 1;
        var left = Math.Min(_settings.Padding.Left, _bufferColumns);
        var inside = Math.Min(width, _bufferColumns - left);
        var right = _bufferColumns - left - inside;
        for (var y = top; y < top + rows; y++)
        {
            if (y < 0 || y >= height)
            {
                new Span<float>(buffer, _bufferColumns * channels).Clear();
                buffer += (nint)_bufferColumns * channels;
                continue;
            }

            var source = images + ((((nint)image * height) + y) * width * _input.PixelStride);
            new Span<float>(buffer, left * channels).Clear();
            buffer += (nint)left * channels;
            PixelCopy.Copy(source, _input.PixelStride, buffer, channels, inside, channels);
            buffer += (nint)inside * channels;
            new Span<float>(buffer, right * channels).Clear();
            buffer += (nint)right * channels;
        }
    }
}
