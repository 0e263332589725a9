using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Kindling.Kernels.Int8;

/// <summary>
/// The input transform of F(4x4, 3x3) (Lavin and Gray 2016, https://arxiv.org/abs/1509.09308): <c>V = Bᵀ d B</c> of a 6x6 tile. The coefficients
/// of a row add up to 10 at most, so 16 bits hold the result: 100 * 255 is below 2^15.
/// </summary>
internal static unsafe class WinogradInput
{
    /// <summary>Rows and columns of a tile.</summary>
    public const int Side = 6;

    /// <summary>Channels that are transformed together.</summary>
    public const int Channels = 16;

    /// <summary>16-bit numbers of scratch memory.</summary>
    public const int ScratchShorts = Side * Side * Channels;

    /// <summary>Transforms one tile.</summary>
    /// <param name="pixels">Addresses of the tile's 36 pixels.</param>
    /// <param name="channels">Channels, a multiple of <see cref="Channels"/>; what is read beyond a pixel's own meets weights of 0.</param>
    /// <param name="zeroPoint">Subtracted from every number.</param>
    /// <param name="target">The first of 36 transformed pixels, column by column.</param>
    /// <param name="step">Numbers from one transformed pixel to the next.</param>
    /// <param name="scratch">Room for <see cref="ScratchShorts"/> numbers.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transform(sbyte** pixels, int channels, int zeroPoint, short* target, nint step, short* scratch)
    {
        var zero = Vector256.Create((short)zeroPoint);
        for (var channel = 0; channel < channels; channel += Channels)
        {
            var pixel = pixels;
            var row = scratch;
            for (var y = 0; y < Side; y++, pixel += Side, row += Side * Channels)
            {
                var d0 = Widen(pixel[0] + channel) - zero;
                var d1 = Widen(pixel[1] + channel) - zero;
                var d2 = Widen(pixel[2] + channel) - zero;
                var d3 = Widen(pixel[3] + channel) - zero;
                var d4 = Widen(pixel[4] + channel) - zero;
                var d5 = Widen(pixel[5] + channel) - zero;
                Store(d0, d1, d2, d3, d4, d5, row, Channels);
            }

            var column = scratch;
            var output = target + channel;
            for (var x = 0; x < Side; x++, column += Channels, output += Side * step)
            {
                Store(
                    Vector256.Load(column), Vector256.Load(column + (Side * Channels)), Vector256.Load(column + (2 * Side * Channels)),
                    Vector256.Load(column + (3 * Side * Channels)), Vector256.Load(column + (4 * Side * Channels)),
                    Vector256.Load(column + (5 * Side * Channels)), output, step);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(
        Vector256<short> d0, Vector256<short> d1, Vector256<short> d2, Vector256<short> d3, Vector256<short> d4, Vector256<short> d5,
        short* target, nint step)
    {
        (((d0 - d2) << 2) - d2 + d4).Store(target);
        (d3 + d4 - ((d1 + d2) << 2)).Store(target + step);
        (d4 - d3 + ((d1 - d2) << 2)).Store(target + (2 * step));
        var (even, odd) = (d4 - d2, (d3 - d1) << 1);
        (even + odd).Store(target + (3 * step));
        (even - odd).Store(target + (4 * step));
        (((d1 - d3) << 2) - d3 + d5).Store(target + (5 * step));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Widen(sbyte* source)
    {
        if (Avx2.IsSupported)
            return Avx2.ConvertToVector256Int16(source);
        var (low, high) = Vector128.Widen(Vector128.Load(source));
        return Vector256.Create(low, high);
    }
}
