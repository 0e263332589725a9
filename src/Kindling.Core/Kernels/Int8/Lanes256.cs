using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Kindling.Kernels.Int8;

/// <summary>8 lanes (AVX2, with AVX-VNNI where there is one).</summary>
internal readonly unsafe struct Lanes256 : IInt8Lanes<Vector256<int>>
{
    private const byte OddLanes = 0b1010_1010;

    // 0, 2, 1, 3: how a multiplication of every second lane leaves them; its own inverse.
    private const byte EvenFirst = 0b11_01_10_00;

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
                StoreFour(target, stride, PackFour(s0, s1, s2, s3), min, max);
            }

            for (; pixels > 0; pixels--, target += stride, sums += sumStride)
                Store(target, ScaleSingle(sums, scales, smallest, largest) + zeroPoint, min, max);

            return;
        }

        if (table.IsRoundedInOneStep)
        {
            StoreRoundedInOneStep(target, stride, sums, sumStride, pixels, table, channel);
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void StoreRoundedInOneStep(
        sbyte* target, nint stride, int* sums, nint sumStride, int pixels, in RequantizationTable table, int channel)
    {
        var multiplier = Vector256.Load(table.Multipliers + channel);
        var oddMultiplier = (multiplier.AsInt64() >>> 32).AsInt32();
        var shifts = Avx2.Shuffle(Vector256.Load(table.RightShifts + channel), EvenFirst).AsUInt32();
        var (min, max) = (Vector256.Create((sbyte)table.Min), Vector256.Create((sbyte)table.Max));
        var half = Vector256.Create(1L << 31);
        var nudge = Vector256.Load(table.Nudges + channel);
        var evenFirst = Vector256.Create(0x0301_0200, 0x0705_0604, 0x0B09_0A08, 0x0F0D_0E0C, 0x0301_0200, 0x0705_0604, 0x0B09_0A08, 0x0F0D_0E0C).AsSByte();
        if (table.IsAtLeastZeroPoint)
        {
            // The upper half of a product is moved by the nudge before anything is rounded off.
            var evenNudge = (nudge.AsInt64() << 32) + half;
            var oddNudge = ((nudge.AsInt64() >>> 32) << 32) + half;
            for (; pixels >= 4; pixels -= 4, target += 4 * stride, sums += 4 * sumStride)
            {
                var s0 = Avx2.ShiftRightArithmeticVariable(UpperHalves(sums, multiplier, oddMultiplier, evenNudge, oddNudge), shifts);
                var s1 = Avx2.ShiftRightArithmeticVariable(UpperHalves(sums + sumStride, multiplier, oddMultiplier, evenNudge, oddNudge), shifts);
                var s2 = Avx2.ShiftRightArithmeticVariable(UpperHalves(sums + (2 * sumStride), multiplier, oddMultiplier, evenNudge, oddNudge), shifts);
                var s3 = Avx2.ShiftRightArithmeticVariable(UpperHalves(sums + (3 * sumStride), multiplier, oddMultiplier, evenNudge, oddNudge), shifts);
                StoreFour(target, stride, Avx2.Shuffle(PackFour(s0, s1, s2, s3), evenFirst), min, max);
            }
        }

        nudge = Avx2.Shuffle(nudge, EvenFirst);
        for (; pixels >= 4; pixels -= 4, target += 4 * stride, sums += 4 * sumStride)
        {
            var s0 = ScaleInOneStep(sums, multiplier, oddMultiplier, half, nudge, shifts);
            var s1 = ScaleInOneStep(sums + sumStride, multiplier, oddMultiplier, half, nudge, shifts);
            var s2 = ScaleInOneStep(sums + (2 * sumStride), multiplier, oddMultiplier, half, nudge, shifts);
            var s3 = ScaleInOneStep(sums + (3 * sumStride), multiplier, oddMultiplier, half, nudge, shifts);
            StoreFour(target, stride, Avx2.Shuffle(PackFour(s0, s1, s2, s3), evenFirst), min, max);
        }

        for (; pixels > 0; pixels--, target += stride, sums += sumStride)
            Store(target, Avx2.Shuffle(ScaleInOneStep(sums, multiplier, oddMultiplier, half, nudge, shifts), EvenFirst), min, max);
    }

    // Rounded high products, in every half of a register the even channels first.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> UpperHalves(
        int* sums, Vector256<int> multiplier, Vector256<int> oddMultiplier, Vector256<long> evenNudge, Vector256<long> oddNudge)
    {
        // Twice the sum: the rounded product is then the upper half.
        var x = Vector256.Load(sums);
        x += x;
        var even = Avx2.Multiply(x, multiplier) + evenNudge;
        var odd = Avx2.Multiply((x.AsInt64() >>> 32).AsInt32(), oddMultiplier) + oddNudge;
        return Avx.Shuffle(even.AsSingle(), odd.AsSingle(), 0b11_01_11_01).AsInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> ScaleInOneStep(
        int* sums, Vector256<int> multiplier, Vector256<int> oddMultiplier, Vector256<long> half, Vector256<int> nudge, Vector256<uint> shifts)
    {
        var product = UpperHalves(sums, multiplier, oddMultiplier, half, half);
        return Avx2.ShiftRightArithmeticVariable(product + nudge + (product >> 31), shifts);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(sbyte* target, Vector256<int> values, Vector256<sbyte> min, Vector256<sbyte> max)
    {
        var words = Sse2.PackSignedSaturate(values.GetLower(), values.GetUpper());
        var bytes = Sse2.PackSignedSaturate(words, words);
        *(ulong*)target = Vector128.Min(Vector128.Max(bytes, min.GetLower()), max.GetLower()).AsUInt64().ToScalar();
    }

    // Four pixels share the packing and the clamping. Packing works on halves of a register: the upper half has channels 4-7 of all pixels.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<sbyte> PackFour(Vector256<int> s0, Vector256<int> s1, Vector256<int> s2, Vector256<int> s3) =>
        Avx2.PackSignedSaturate(Avx2.PackSignedSaturate(s0, s1), Avx2.PackSignedSaturate(s2, s3));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreFour(sbyte* target, nint stride, Vector256<sbyte> bytes, Vector256<sbyte> min, Vector256<sbyte> max)
    {
        bytes = Avx2.PermuteVar8x32(bytes.AsInt32(), Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7)).AsSByte();
        var clamped = Vector256.Min(Vector256.Max(bytes, min), max).AsUInt64();
        var (lower, upper) = (clamped.GetLower(), clamped.GetUpper());
        *(ulong*)target = lower.ToScalar();
        *(ulong*)(target + stride) = lower.GetElement(1);
        *(ulong*)(target + (2 * stride)) = upper.ToScalar();
        *(ulong*)(target + (3 * stride)) = upper.GetElement(1);
    }
}
