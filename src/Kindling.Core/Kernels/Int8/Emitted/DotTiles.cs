namespace Kindling.Kernels.Int8.Emitted;

/// <summary>The tiles of every size.</summary>
internal sealed class DotTiles
{
    private readonly DotTile[][] _tiles;

    /// <summary>Makes one tile of every size.</summary>
    /// <param name="create">Makes the tile of some pixels by some vectors.</param>
    public DotTiles(Func<int, int, DotTile> create) =>
        _tiles = [.. Enumerable.Range(1, DotTileProgram.MostVectors).Select(vectors => Enumerable.Range(1, DotTileProgram.MostPixels(vectors))
            .Select(pixels => create(pixels, vectors)).ToArray())];

    /// <summary>All sizes, see <see cref="DotTileProgram.Create"/>.</summary>
    public static IEnumerable<(int Pixels, int Vectors)> Sizes =>
        from vectors in Enumerable.Range(1, DotTileProgram.MostVectors)
        from pixels in Enumerable.Range(1, DotTileProgram.MostPixels(vectors))
        select (pixels, vectors);

    /// <summary>The tile of some pixels by some vectors.</summary>
    public DotTile this[int pixels, int vectors] => _tiles[vectors - 1][pixels - 1];
}
