using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Kindling.Execution;

namespace Kindling.Kernels.Int8.Emitted;

/// <summary>Copies rows of an image into scratch memory as unsigned bytes, raised by 128.</summary>
internal readonly unsafe struct ShiftedRows : IRowConversion<byte>
{
    private const byte SignBit = 0x80;

    /// <summary>Fills rows as <see cref="PaddedRows{T, TConversion}.Fill"/> does, without gaps; the zero point, raised too, stands where the image ends.</summary>
    public static void Fill(byte* target, TensorView input, ConvolutionGeometry geometry, int image, int firstRow, int rows, int zeroPoint) =>
        PaddedRows<byte, ShiftedRows>.Fill(
            target, geometry.InputChannels, input, geometry, image, firstRow, rows, zeroPoint, (byte)(zeroPoint + SignBit));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Convert(sbyte* source, byte* target, int count, int zeroPoint)
    {
        var from = (byte*)source;
        var i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            for (; i <= count - Vector512<byte>.Count; i += Vector512<byte>.Count)
                (Vector512.Load(from + i) ^ Vector512.Create(SignBit)).Store(target + i);
        }

        for (; i <= count - Vector128<byte>.Count; i += Vector128<byte>.Count)
            (Vector128.Load(from + i) ^ Vector128.Create(SignBit)).Store(target + i);
        for (; i < count; i++)
            target[i] = (byte)(from[i] ^ SignBit);
    }
}
