using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Kindling.Numerics;

namespace Kindling.Kernels.Int8;

/// <summary>4 lanes, on every machine.</summary>
internal readonly unsafe struct Lanes128 : IInt8Lanes<Vector128<int>>
{
    /// <inheritdoc/>
    public static int Width => 4;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Load(int* source) => Vector128.Load(source);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Broadcast(int value) => Vector128.Create(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> LoadWidened(short* source) => Vector128.WidenLower(Vector64.Load(source).ToVector128());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSums(int* target, Vector128<int> sums) => sums.Store(target);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> MultiplyAddPairs(Vector128<int> sum, Vector128<int> x, Vector128<int> w) => sum + MultiplyPairs(x, w);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> MultiplyPairs(Vector128<int> x, Vector128<int> w) => Sse2.IsSupported
        ? Sse2.MultiplyAddAdjacent(x.AsInt16(), w.AsInt16())
        : (((x << 16) >> 16) * ((w << 16) >> 16)) + ((x >> 16) * (w >> 16));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Add(Vector128<int> a, Vector128<int> b) => a + b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Subtract(Vector128<int> a, Vector128<int> b) => a - b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> ShiftLeft(Vector128<int> a, int bits) => a << bits;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> ShiftRight(Vector128<int> a, int bits) => a >> bits;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> MultiplyLow(Vector128<int> a, Vector128<int> b) => a * b;

    /// <inheritdoc/>
    public static void StorePixels(sbyte* target, nint stride, int* sums, nint sumStride, int pixels, in RequantizationTable table, int channel)
    {
        for (; pixels > 0; pixels--, target += stride, sums += sumStride)
        {
            // The target may be the sums' own place: a byte is written only after its sum was read.
            for (var i = 0; i < 4; i++)
            {
                var c = channel + i;
                var factor = table.IsSinglePrecision
                    ? Requantizer.Single(BitConverter.Int32BitsToSingle(table.Multipliers[c]))
                    : Requantizer.Fixed(new QuantizedMultiplier(table.Multipliers[c], table.LeftShifts[c] - table.RightShifts[c]));
                target[i] = (sbyte)Math.Clamp(factor.Apply(sums[i]) + table.ZeroPoint, table.Min, table.Max);
            }
        }
    }
}
