using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Kindling.Kernels.Int8;

/// <summary>8 lanes (AVX2, with AVX-VNNI where there is one).</summary>
internal readonly unsafe struct Lanes256 : IInt8Lanes<Vector256<int>>
{
    private const byte OddLanes = 0b1010_1010;

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
        var shifts = Vector256.Load(table.RightShifts + channel).AsUInt32();
        var (min, max) = (Vector256.Create((sbyte)table.Min), Vector256.Create((sbyte)table.Max));
        if (table.IsSinglePrecision)
        {
            var scales = Vector256.Load((float*)table.Multipliers + channel);
            // Clamped before the conversion, which answers -2^31 to everything that does not fit; it rounds half to even.
            var (smallest, largest) = (
                Vector256.Create((float)(table.Min - table.ZeroPoint)), Vector256.Create((float)(table.Max - table.ZeroPoint)));
            var zeroPoint = Vector256.Create(table.ZeroPoint);
            for (; pixels >= 4; pixels -= 4, target += 4 * stride, sums += 4 * sumStride)
            {
                var s0 = ScaleSingle(sums, scales, smallest, largest) + zeroPoint;
                var s1 = ScaleSingle(sums + sumStride, scales, smallest, largest) + zeroPoint;
                var s2 = ScaleSingle(sums + (2 * sumStride), scales, smallest, largest) + zeroPoint;
                var s3 = ScaleSingle(sums + (3 * sumStride), scales, smallest, largest) + zeroPoint;
                StoreFour(target, stride, s0, s1, s2, s3, min, max);
            }

            for (; pixels > 0; pixels--, target += stride, sums += sumStride)
                Store(target, ScaleSingle(sums, scales, smallest, largest) + zeroPoint, min, max);

            return;
        }

        if (table.IsRoundedInOneStep)
        {
            var half = Vector256.Create(1L << 31);
            var nudge = Vector256.Load(table.Nudges + channel);
            for (; pixels >= 4; pixels -= 4, target += 4 * stride, sums += 4 * sumStride)
            {
                var s0 = ScaleInOneStep(sums, multiplier, oddMultiplier, half, nudge, shifts);
                var s1 = ScaleInOneStep(sums + sumStride, multiplier, oddMultiplier, half, nudge, shifts);
                var s2 = ScaleInOneStep(sums + (2 * sumStride), multiplier, oddMultiplier, half, nudge, shifts);
                var s3 = ScaleInOneStep(sums + (3 * sumStride), multiplier, oddMultiplier, half, nudge, shifts);
                StoreFour(target, stride, s0, s1, s2, s3, min, max);
            }

            for (; pixels > 0; pixels--, target += stride, sums += sumStride)
                Store(target, ScaleInOneStep(sums, multiplier, oddMultiplier, half, nudge, shifts), min, max);
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
            var product = Avx2.Blend(even.AsInt32(), odd.AsInt32(), OddLanes);
            var threshold = (mask >>> 1) - (product >> 31);
            var rounded = Avx2.ShiftRightArithmeticVariable(product, shifts) - Vector256.GreaterThan(product & mask, threshold);
            Store(target, rounded + Vector256.Create(table.ZeroPoint), min, max);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> ScaleSingle(int* sums, Vector256<float> scales, Vector256<float> smallest, Vector256<float> largest) =>
        Avx.ConvertToVector256Int32(Vector256.Min(Vector256.Max(Avx.ConvertToVector256Single(Vector256.Load(sums)) * scales, smallest), largest));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> ScaleInOneStep(
        int* sums, Vector256<int> multiplier, Vector256<int> oddMultiplier, Vector256<long> half, Vector256<int> nudge, Vector256<uint> shifts)
    {
        // Twice the sum: the rounded product is then the upper half.
        var x = Vector256.Load(sums);
        x += x;
        var even = (Avx2.Multiply(x, multiplier) + half) >>> 32;
        var odd = Avx2.Multiply((x.AsInt64() >>> 32).AsInt32(), oddMultiplier) + half;
        var product = Avx2.Blend(even.AsInt32(), odd.AsInt32(), OddLanes);
        return Avx2.ShiftRightArithmeticVariable(product + nudge + (product >> 31), shifts);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(sbyte* target, Vector256<int> values, Vector256<sbyte> min, Vector256<sbyte> max)
    {
        var words = Sse2.PackSignedSaturate(values.GetLower(), values.GetUpper());
        var bytes = Sse2.PackSignedSaturate(words, words);
        *(ulong*)target = Vector128.Min(Vector128.Max(bytes, min.GetLower()), max.GetLower()).AsUInt64().ToScalar();
    }

    // Four pixels share the packing and the clamping.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreFour(
        sbyte* target, nint stride, Vector256<int> s0, Vector256<int> s1, Vector256<int> s2, Vector256<int> s3, Vector256<sbyte> min, Vector256<sbyte> max)
    {
        var bytes = Avx2.PackSignedSaturate(Avx2.PackSignedSaturate(s0, s1), Avx2.PackSignedSaturate(s2, s3));
        // Packing works on halves of a register: the upper half has channels 4-7 of all pixels.
        bytes = Avx2.PermuteVar8x32(bytes.AsInt32(), Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7)).AsSByte();
        var clamped = Vector256.Min(Vector256.Max(bytes, min), max).AsUInt64();
        var (lower, upper) = (clamped.GetLower(), clamped.GetUpper());
        *(ulong*)target = lower.ToScalar();
        *(ulong*)(target + stride) = lower.GetElement(1);
        *(ulong*)(target + (2 * stride)) = upper.ToScalar();
        *(ulong*)(target + (3 * stride)) = upper.GetElement(1);
    }
}
