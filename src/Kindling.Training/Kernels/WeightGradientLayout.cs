using Kindling.Tensors;

namespace Kindling.Training.Kernels;

/// <summary>
/// How a weight gradient is cut. Its rows are the inputs' taps (kernel position times channel), its columns the output channels; tiles of 8 or 12
/// rows times 16 or 32 columns are summed in registers while the pixels pass by. Depends on shapes only, so the sums are the same for any number of threads.
/// </summary>
internal sealed class WeightGradientLayout
{
    private const int PixelsOfPart = 512;
    private const int MostParts = 16;
    private const int WantedChunks = 24;
    private const int PixelsOfLine = 64;
    private const int ChannelsOfRun = 8;

    /// <summary>Lays a gradient out.</summary>
    /// <param name="window">How the kernel slides.</param>
    /// <param name="input">The images.</param>
    /// <param name="inputStride">Floats from one of their pixels to the next.</param>
    /// <param name="output">The gradient.</param>
    /// <param name="hasBias">False leaves the sum of the gradient out.</param>
    /// <param name="parts">Partial sums; null chooses by the number of pixels.</param>
    public WeightGradientLayout(ConvWindow window, Shape input, int inputStride, Shape output, bool hasBias = true, int? parts = null)
    {
        HasBias = hasBias;
        Window = window;
        var isPointwise = window.IsPointwise;
        IsRun = TakesRows(window, input.Channels, inputStride);
        Taps = IsRun ? window.Rows : window.Rows * window.Columns;
        TapChannels = IsRun ? window.Columns * input.Channels : input.Channels;
        Tiles = SplitRows(TapChannels);
        RowsOfTap = Tiles.Sum(t => t.Size);
        Rows = Taps * RowsOfTap;
        OutputChannels = output.Channels;
        Columns = (OutputChannels + 15) / 16 * 16;
        ColumnTiles = (Columns + 31) / 32;

        Lines = isPointwise ? (output.Pixels + PixelsOfLine - 1) / PixelsOfLine : output.Batch * output.Height;
        PixelsOfFullLine = isPointwise ? PixelsOfLine : output.Width;
        Parts = parts ?? Math.Clamp(output.Pixels / PixelsOfPart, 1, Math.Min(MostParts, Lines));
        Groups = Math.Clamp((WantedChunks + Parts - 1) / Parts, 1, ColumnTiles);
    }

    /// <summary>The convolution's window.</summary>
    public ConvWindow Window { get; }

    /// <summary>False when nobody asks for the bias' gradient.</summary>
    public bool HasBias { get; }

    /// <summary>True when a tap is a whole kernel row.</summary>
    public bool IsRun { get; }

    /// <summary>Kernel positions, or kernel rows.</summary>
    public int Taps { get; }

    /// <summary>Floats of a tap.</summary>
    public int TapChannels { get; }

    /// <summary>The tiles of a tap's rows: first row and size, 8 or 12. The last may reach beyond the tap; what it sums there is dropped.</summary>
    public IReadOnlyList<(int First, int Size)> Tiles { get; }

    /// <summary>Rows of a tap, the unused ones included.</summary>
    public int RowsOfTap { get; }

    /// <summary>Rows of all taps; the bias follows as one more.</summary>
    public int Rows { get; }

    /// <summary>Columns: output channels rounded up to whole vectors.</summary>
    public int Columns { get; }

    /// <summary>Output channels.</summary>
    public int OutputChannels { get; }

    /// <summary>Tiles of 32 columns (the last may have 16).</summary>
    public int ColumnTiles { get; }

    /// <summary>Lines of pixels: output rows, or 64 pixels of a matrix product.</summary>
    public int Lines { get; }

    /// <summary>Pixels of a line but the last.</summary>
    public int PixelsOfFullLine { get; }

    /// <summary>Partial sums.</summary>
    public int Parts { get; }

    /// <summary>Groups of column tiles.</summary>
    public int Groups { get; }

    /// <summary>True when taps are whole kernel rows: with few channels a row is one run of floats in the image, which fills a tile better than a pixel.</summary>
    public static bool TakesRows(ConvWindow window, int channels, int pixelStride) =>
        channels < ChannelsOfRun && window.Columns > 1 && window.Dilation.Width == 1 && pixelStride == channels;

    private static List<(int First, int Size)> SplitRows(int rows)
    {
        var best = (Twelves: 0, Eights: 0, Total: int.MaxValue);
        for (var twelves = 0; twelves <= (rows + 11) / 12; twelves++)
        {
            var eights = Math.Max(0, (rows - (12 * twelves) + 7) / 8);
            var total = (12 * twelves) + (8 * eights);
            if (total < best.Total || (total == best.Total && twelves > best.Twelves))
                best = (twelves, eights, total);
        }

        var tiles = new List<(int, int)>();
        for (var i = 0; i < best.Twelves; i++)
            tiles.Add((12 * i, 12));
        for (var i = 0; i < best.Eights; i++)
            tiles.Add(((12 * best.Twelves) + (8 * i), 8));
        return tiles;
    }
}
