using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Kindling.Execution;

namespace Kindling.Kernels.Int8;

/// <summary>Copies rows of an image into scratch memory as 16-bit numbers without their zero point, with zeros where the image ends.</summary>
internal readonly unsafe struct WidenedRows : IRowConversion<short>
{
    /// <summary>Fills <paramref name="rows"/> rows of <see cref="ConvolutionGeometry.PaddedWidth"/> pixels.</summary>
    /// <param name="target">The scratch memory, <c>[rows, PaddedWidth, pitch]</c>.</param>
    /// <param name="pitch">Numbers from one pixel to the next in the scratch memory, at least the input's channels.</param>
    /// <param name="input">The images.</param>
    /// <param name="geometry">The window's sizes.</param>
    /// <param name="image">Which image.</param>
    /// <param name="firstRow">The first row of the image, possibly above it.</param>
    /// <param name="rows">How many.</param>
    /// <param name="zeroPoint">Subtracted from every number.</param>
    public static void Fill(
        short* target, int pitch, TensorView input, ConvolutionGeometry geometry, int image, int firstRow, int rows, int zeroPoint) =>
        PaddedRows<short, WidenedRows>.Fill(target, pitch, input, geometry, image, firstRow, rows, zeroPoint, padding: 0);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Convert(sbyte* source, short* target, int count, int zeroPoint)
    {
        var i = 0;
        if (Avx512BW.IsSupported)
        {
            var zero = Vector512.Create((short)zeroPoint);
            for (; i <= count - 32; i += 32)
                (Avx512BW.ConvertToVector512Int16(Vector256.Load(source + i)) - zero).Store(target + i);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            var zero = Vector256.Create((short)zeroPoint);
            for (; i <= count - 32; i += 32)
            {
                var (low, high) = Vector256.Widen(Vector256.Load(source + i));
                (low - zero).Store(target + i);
                (high - zero).Store(target + i + 16);
            }
        }

        var narrow = Vector128.Create((short)zeroPoint);
        for (; i <= count - 16; i += 16)
        {
            var (low, high) = Vector128.Widen(Vector128.Load(source + i));
            (low - narrow).Store(target + i);
            (high - narrow).Store(target + i + 8);
        }

        for (; i < count; i++)
            target[i] = (short)(source[i] - zeroPoint);
    }
}
