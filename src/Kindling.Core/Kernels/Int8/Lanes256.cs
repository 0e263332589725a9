using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Kindling.Kernels.Int8;

/// <summary>8 lanes (AVX2, with AVX-VNNI where there is one).</summary>
internal readonly unsafe struct Lanes256 : IInt8Lanes<Vector256<int>>
{
    /// <inheritdoc/>
    public static int Width => 8;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Load(int* source) => Vector256.Load(source);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Broadcast(int value) => Vector256.Create(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> LoadWidened(short* source) => Avx2.ConvertToVector256Int32(Vector128.Load(source));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSums(int* target, Vector256<int> sums) => sums.Store(target);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyAddPairs(Vector256<int> sum, Vector256<int> x, Vector256<int> w) => AvxVnni.IsSupported
        ? AvxVnni.MultiplyWideningAndAdd(sum, x.AsInt16(), w.AsInt16())
        : sum + Avx2.MultiplyAddAdjacent(x.AsInt16(), w.AsInt16());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyPairs(Vector256<int> x, Vector256<int> w) => Avx2.MultiplyAddAdjacent(x.AsInt16(), w.AsInt16());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Add(Vector256<int> a, Vector256<int> b) => a + b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Subtract(Vector256<int> a, Vector256<int> b) => a - b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> ShiftLeft(Vector256<int> a, int bits) => a << bits;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> ShiftRight(Vector256<int> a, int bits) => a >> bits;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyLow(Vector256<int> a, Vector256<int> b) => a * b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void StorePixels(sbyte* target, nint stride, int* sums, nint sumStride, int pixels, in RequantizationTable table, int channel)
    {
        var multiplier = Vector256.Load(table.Multipliers + channel);
        var oddMultiplier = (multiplier.AsInt64() >>> 32).AsInt32();
        var low = Vector256.Create(0xFFFFFFFFL);
        var shifts = Vector256.Load(table.RightShifts + channel).AsUInt32();
        var (min, max) = (Vector128.Create((sbyte)table.Min), Vector128.Create((sbyte)table.Max));
        if (table.IsSinglePrecision)
        {
            var scales = Vector256.Load((float*)table.Multipliers + channel);
            // Clamped before the conversion, which answers -2^31 to everything that does not fit; it rounds half to even.
            var (smallest, largest) = (
                Vector256.Create((float)(table.Min - table.ZeroPoint)), Vector256.Create((float)(table.Max - table.ZeroPoint)));
            for (; pixels > 0; pixels--, target += stride, sums += sumStride)
            {
                var scaled = Avx.ConvertToVector256Single(Vector256.Load(sums)) * scales;
                var steps = Avx.ConvertToVector256Int32(Vector256.Min(Vector256.Max(scaled, smallest), largest)) + Vector256.Create(table.ZeroPoint);
                Store(target, steps, min, max);
            }

            return;
        }

        if (table.IsRoundedInOneStep)
        {
            var half = Vector256.Create(1L << 31);
            var nudge = Vector256.Load(table.Nudges + channel);
            for (; pixels > 0; pixels--, target += stride, sums += sumStride)
            {
                // Twice the sum: the rounded product is then the upper half.
                var x = Vector256.Load(sums);
                x += x;
                var even = (Avx2.Multiply(x, multiplier) + half) >>> 32;
                var odd = Avx2.Multiply((x.AsInt64() >>> 32).AsInt32(), oddMultiplier) + half;
                var product = Vector256.ConditionalSelect(low, even, odd).AsInt32();
                Store(target, Avx2.ShiftRightArithmeticVariable(product + nudge + (product >> 31), shifts), min, max);
            }

            return;
        }

        var nudge64 = Vector256.Create(1L << 30);
        var leftShifts = Vector256.Load(table.LeftShifts + channel).AsUInt32();
        var mask = Avx2.ShiftLeftLogicalVariable(Vector256<int>.One, shifts) - Vector256<int>.One;
        for (; pixels > 0; pixels--, target += stride, sums += sumStride)
        {
            var x = Avx2.ShiftLeftLogicalVariable(Vector256.Load(sums), leftShifts);
            var even = (Avx2.Multiply(x, multiplier) + nudge64) >>> 31;
            var odd = (Avx2.Multiply((x.AsInt64() >>> 32).AsInt32(), oddMultiplier) + nudge64) << 1;
            var product = Vector256.ConditionalSelect(low, even, odd).AsInt32();
            var threshold = (mask >>> 1) - (product >> 31);
            var rounded = Avx2.ShiftRightArithmeticVariable(product, shifts) - Vector256.GreaterThan(product & mask, threshold);
            Store(target, rounded + Vector256.Create(table.ZeroPoint), min, max);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(sbyte* target, Vector256<int> values, Vector128<sbyte> min, Vector128<sbyte> max)
    {
        var words = Sse2.PackSignedSaturate(values.GetLower(), values.GetUpper());
        *(ulong*)target = Vector128.Min(Vector128.Max(Sse2.PackSignedSaturate(words, words), min), max).AsUInt64().ToScalar();
    }
}
