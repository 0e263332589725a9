using Kindling.Execution;
using Kindling.Kernels.Float.Simd;

namespace Kindling.Kernels.Float.Convolution;

/// <summary>The weights of a convolution in the order the tiles read them.</summary>
internal sealed unsafe class ConvPanels : IDisposable
{
    private readonly ConvWeights _weights;
    private readonly FloatSource? _bias;
    private readonly NativeBuffer _packed;
    private readonly ConvPanel[] _panels;
    private readonly int[] _tapOffsets;

    public ConvPanels(ConvWeights weights, FloatSource? bias, VectorWidth width)
    {
        _weights = weights;
        _bias = bias;
        _panels = [.. Split(weights.Outputs, weights.Taps, ConvTileSet.For(width))];
        var last = _panels[^1];
        _packed = new NativeBuffer(sizeof(float) * ((long)last.Offset + ((long)last.Tiles.Width * (weights.Taps + 1))));
        _tapOffsets = new int[weights.Taps];
        var tap = 0;
        for (var y = 0; y < weights.Rows; y++)
        {
            for (var x = 0; x < weights.Columns; x++)
            {
                for (var i = 0; i < weights.Inputs; i++)
                    _tapOffsets[tap++] = weights.Offset + (y * weights.RowStride) + (x * weights.ColumnStride) + (i * weights.InputStride);
            }
        }
    }

    public IReadOnlyList<ConvPanel> Panels => _panels;

    public float* Bias(ConvPanel panel) => _packed.Floats + panel.Offset;

    public float* Weights(ConvPanel panel) => _packed.Floats + panel.Offset + panel.Tiles.Width;

    /// <summary>Copies the current weights and biases.</summary>
    public void Pack()
    {
        var source = _weights.Source();
        var bias = _bias is null ? default : _bias();
        fixed (float* from = source)
        {
            foreach (var panel in _panels)
            {
                for (var o = 0; o < panel.Outputs && !bias.IsEmpty; o++)
                    Bias(panel)[o] = bias[panel.First + o];
                Pack(from + ((nint)panel.First * _weights.OutputStride), panel);
            }
        }
    }

    public void Dispose() => _packed.Dispose();

    private void Pack(float* from, ConvPanel panel)
    {
        var to = Weights(panel);
        var width = panel.Tiles.Width;
        var stride = _weights.OutputStride;
        foreach (var offset in _tapOffsets)
        {
            var column = from + offset;
            if (stride == 1)
            {
                new ReadOnlySpan<float>(column, panel.Outputs).CopyTo(new Span<float>(to, panel.Outputs));
                to += width;
                continue;
            }

            for (var o = 0; o < panel.Outputs; o++, column += stride)
                to[o] = *column;
            to += width;
        }
    }

    // Full panels of the widest kind, then the smallest kinds that hold the rest; 17 to 24 of 32 take two panels rather than a third of zeros.
    private static List<ConvPanel> Split(int outputs, int taps, ReadOnlySpan<ConvTileSet> sets)
    {
        var panels = new List<ConvPanel>();
        var first = 0;
        var offset = 0;
        while (first < outputs)
        {
            var rest = outputs - first;
            var chosen = sets[0];
            foreach (var set in sets)
            {
                var smallest = sets[^1].Width;
                if (set.Width - smallest < rest || set.Width == smallest)
                {
                    chosen = set;
                    break;
                }
            }

            var used = Math.Min(rest, chosen.Width);
            panels.Add(new ConvPanel(chosen, first, used, offset));
            first += used;
            offset = checked(offset + (chosen.Width * (taps + 1)));
        }

        return panels;
    }
}
