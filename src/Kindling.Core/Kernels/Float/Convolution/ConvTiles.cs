using Kindling.Kernels.Float.Simd;

namespace Kindling.Kernels.Float.Convolution;

/// <summary>The register tiles for one register width (generated): 1 to 14 pixels times one or two vectors of output channels.</summary>
internal static unsafe partial class ConvTiles<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : struct
{
    /// <summary>Addresses of the tiles of 1, 2, … pixels.</summary>
    /// <param name="vectors">1 or 2 vectors of output channels.</param>
    public static nint[] Table(int vectors) => vectors == 1 ? Tiles1() : Tiles2();
}
