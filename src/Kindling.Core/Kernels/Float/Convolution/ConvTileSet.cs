using System.Runtime.Intrinsics;
using Kindling.Kernels.Float.Simd;

namespace Kindling.Kernels.Float.Convolution;

/// <summary>The tiles that work on panels of one width.</summary>
/// <param name="Width">Output channels of a panel.</param>
/// <param name="MaxPixels">Pixels the registers have room for.</param>
/// <param name="Tiles">Addresses of the tiles of 1, 2, … pixels.</param>
internal sealed unsafe record ConvTileSet(int Width, int MaxPixels, nint[] Tiles)
{
    private static readonly ConvTileSet[] Sets512 =
    [
        new(32, 14, ConvTiles<Simd512, Vector512<float>>.Table(2)),
        new(16, 14, ConvTiles<Simd512, Vector512<float>>.Table(1)),
        new(8, 14, ConvTiles<Simd256, Vector256<float>>.Table(1)),
    ];

    private static readonly ConvTileSet[] Sets256 =
    [
        new(16, 6, ConvTiles<Simd256, Vector256<float>>.Table(2)),
        new(8, 12, ConvTiles<Simd256, Vector256<float>>.Table(1)),
    ];

    private static readonly ConvTileSet[] Sets128 =
    [
        new(8, 6, ConvTiles<Simd128, Vector128<float>>.Table(2)),
        new(4, 12, ConvTiles<Simd128, Vector128<float>>.Table(1)),
    ];

    /// <summary>The sets for a register width, widest panel first.</summary>
    public static ReadOnlySpan<ConvTileSet> For(VectorWidth width) => width switch
    {
        VectorWidth.Bits512 => Sets512,
        VectorWidth.Bits256 => Sets256,
        _ => Sets128,
    };

    /// <summary>Runs the tile for a number of pixels.</summary>
    public void Run(int pixels, ConvTile* tile) => ((delegate*<ConvTile*, void>)Tiles[pixels - 1])(tile);
}
