using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Kindling.Kernels.Int8;

/// <summary>16 lanes (AVX-512 with byte and word instructions).</summary>
internal readonly unsafe struct Lanes512 : IInt8Lanes<Vector512<int>>
{
    /// <inheritdoc/>
    public static int Width => 16;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Load(int* source) => Vector512.Load(source);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Broadcast(int value) => Vector512.Create(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> LoadWidened(short* source) => Avx512F.ConvertToVector512Int32(Vector256.Load(source));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSums(int* target, Vector512<int> sums) => sums.Store(target);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> MultiplyAddPairs(Vector512<int> sum, Vector512<int> x, Vector512<int> w) =>
        sum + MultiplyPairs(x, w);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> MultiplyPairs(Vector512<int> x, Vector512<int> w) => Avx512BW.MultiplyAddAdjacent(x.AsInt16(), w.AsInt16());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Add(Vector512<int> a, Vector512<int> b) => a + b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Subtract(Vector512<int> a, Vector512<int> b) => a - b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> ShiftLeft(Vector512<int> a, int bits) => a << bits;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> ShiftRight(Vector512<int> a, int bits) => a >> bits;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> MultiplyLow(Vector512<int> a, Vector512<int> b) => a * b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void StorePixels(sbyte* target, nint stride, int* sums, nint sumStride, int pixels, in RequantizationTable table, int channel)
    {
        var multiplier = Vector512.Load(table.Multipliers + channel);
        // Products of 32 bits come in even lanes only: once as they are, once moved down by one lane.
        var oddMultiplier = (multiplier.AsInt64() >>> 32).AsInt32();
        var low = Vector512.Create(0xFFFFFFFFL);
        var shifts = Vector512.Load(table.RightShifts + channel).AsUInt32();
        var (min, max) = (Vector128.Create((sbyte)table.Min), Vector128.Create((sbyte)table.Max));
        if (table.IsSinglePrecision)
        {
            var scales = Vector512.Load((float*)table.Multipliers + channel);
            // Clamped before the conversion, which answers -2^31 to everything that does not fit; it rounds half to even.
            var (smallest, largest) = (
                Vector512.Create((float)(table.Min - table.ZeroPoint)), Vector512.Create((float)(table.Max - table.ZeroPoint)));
            for (; pixels > 0; pixels--, target += stride, sums += sumStride)
            {
                var scaled = Avx512F.ConvertToVector512Single(Vector512.Load(sums)) * scales;
                var steps = Avx512F.ConvertToVector512Int32(Vector512.Min(Vector512.Max(scaled, smallest), largest)) + Vector512.Create(table.ZeroPoint);
                Vector128.Min(Vector128.Max(Avx512F.ConvertToVector128SByteWithSaturation(steps), min), max).Store(target);
            }

            return;
        }

        if (table.IsRoundedInOneStep)
        {
            var half = Vector512.Create(1L << 31);
            var nudge = Vector512.Load(table.Nudges + channel);
            for (; pixels > 0; pixels--, target += stride, sums += sumStride)
            {
                // Twice the sum: the rounded product is then the upper half.
                var x = Vector512.Load(sums);
                x += x;
                var even = (Avx512F.Multiply(x, multiplier) + half) >>> 32;
                var odd = Avx512F.Multiply((x.AsInt64() >>> 32).AsInt32(), oddMultiplier) + half;
                var product = Vector512.ConditionalSelect(low, even, odd).AsInt32();
                var rounded = Avx512F.ShiftRightArithmeticVariable(product + nudge + (product >> 31), shifts);
                Vector128.Min(Vector128.Max(Avx512F.ConvertToVector128SByteWithSaturation(rounded), min), max).Store(target);
            }

            return;
        }

        var nudge64 = Vector512.Create(1L << 30);
        var leftShifts = Vector512.Load(table.LeftShifts + channel).AsUInt32();
        var mask = Avx512F.ShiftLeftLogicalVariable(Vector512<int>.One, shifts) - Vector512<int>.One;
        for (; pixels > 0; pixels--, target += stride, sums += sumStride)
        {
            var x = Avx512F.ShiftLeftLogicalVariable(Vector512.Load(sums), leftShifts);
            var even = (Avx512F.Multiply(x, multiplier) + nudge64) >>> 31;
            var odd = (Avx512F.Multiply((x.AsInt64() >>> 32).AsInt32(), oddMultiplier) + nudge64) << 1;
            var product = Vector512.ConditionalSelect(low, even, odd).AsInt32();
            var threshold = (mask >>> 1) - (product >> 31);
            var rounded = Avx512F.ShiftRightArithmeticVariable(product, shifts) - Vector512.GreaterThan(product & mask, threshold);
            var bytes = Avx512F.ConvertToVector128SByteWithSaturation(rounded + Vector512.Create(table.ZeroPoint));
            Vector128.Min(Vector128.Max(bytes, min), max).Store(target);
        }
    }
}
