using Kindling.Tensors;

namespace Kindling.Training.Kernels.Winograd;

/// <summary>How outputs are cut into tiles of 4x4, and these into blocks whose transforms fit the cache: some images, or some rows of tiles of one.</summary>
internal sealed class WinogradTiling
{
    private const int TilesOfBlock = 56;
    private const int BlockQuantum = 4;
    private const int ChannelQuantum = 16;
    private const double MostWaste = 1.8;
    private readonly int _images;
    private readonly int _rows;
    private readonly int _bands;

    /// <summary>Cuts outputs up.</summary>
    public WinogradTiling(Shape output)
    {
        TileRows = (output.Height + 3) / 4;
        TileColumns = (output.Width + 3) / 4;
        var tiles = TileRows * TileColumns;
        if (tiles > TilesOfBlock)
        {
            _images = 1;
            var wanted = Math.Max(1, TilesOfBlock / TileColumns);
            _bands = (TileRows + wanted - 1) / wanted;
            _rows = (TileRows + _bands - 1) / _bands;
            Blocks = output.Batch * _bands;
        }
        else
        {
            // As many blocks as some even number of threads shares without a rest.
            var blocks = (output.Batch + (TilesOfBlock / tiles) - 1) / (TilesOfBlock / tiles);
            blocks = (blocks + BlockQuantum - 1) / BlockQuantum * BlockQuantum;
            _images = (output.Batch + blocks - 1) / blocks;
            (_bands, _rows) = (1, TileRows);
            Blocks = (output.Batch + _images - 1) / _images;
        }

        Batch = output.Batch;
        MostTiles = _images * _rows * TileColumns;
    }

    /// <summary>Rows of tiles of an image.</summary>
    public int TileRows { get; }

    /// <summary>Tiles of a row.</summary>
    public int TileColumns { get; }

    /// <summary>Blocks of all images.</summary>
    public int Blocks { get; }

    /// <summary>Tiles of the largest block.</summary>
    public int MostTiles { get; }

    private int Batch { get; }

    /// <summary>True for convolutions that gain: 3x3 steps of one with whole vectors of channels and outputs that fill their tiles.</summary>
    public static bool Fits(ConvWindow window, Shape input, Shape output)
    {
        var covered = (double)((output.Height + 3) / 4 * 4) * ((output.Width + 3) / 4 * 4);
        return window.Rows == 3 && window.Columns == 3 && window.Stride == 1 && window.Dilation == 1 && window.IsTransposable
            && input.Channels % ChannelQuantum == 0 && output.Channels % ChannelQuantum == 0
            && covered <= MostWaste * output.Height * output.Width;
    }

    /// <summary>The tiles of a block in order: image, first output row and column of each.</summary>
    public int Tiles(int block, Span<(int Image, int Row, int Column)> tiles)
    {
        var (group, band) = Math.DivRem(block, _bands);
        var lastRow = Math.Min(TileRows, (band + 1) * _rows);
        var count = 0;
        for (var image = group * _images; image < Math.Min(Batch, (group + 1) * _images); image++)
        {
            for (var row = band * _rows; row < lastRow; row++)
            {
                for (var column = 0; column < TileColumns; column++)
                    tiles[count++] = (image, row * 4, column * 4);
            }
        }

        return count;
    }
}
