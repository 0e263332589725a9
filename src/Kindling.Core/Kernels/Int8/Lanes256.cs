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
    public static void Store(sbyte* target, Vector256<int> sums, in RequantizationTable table, int channel)
    {
        var steps = table.IsSinglePrecision ? Single(sums, table, channel) : Fixed(sums, table, channel);
        var clamped = Vector256.Min(Vector256.Max(steps, Vector256.Create(table.Min)), Vector256.Create(table.Max));
        var words = Vector128.Narrow(clamped.GetLower(), clamped.GetUpper());
        *(ulong*)target = Vector128.Narrow(words, words).AsUInt64().ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Fixed(Vector256<int> sums, in RequantizationTable table, int channel)
    {
        var multiplier = Vector256.Load(table.Multipliers + channel);
        if (table.ShiftsLeft)
            sums = Avx2.ShiftLeftLogicalVariable(sums, Vector256.Load(table.LeftShifts + channel).AsUInt32());
        var nudge = Vector256.Create(1L << 30);
        var even = (Avx2.Multiply(sums, multiplier) + nudge) >>> 31;
        var odd = (Avx2.Multiply((sums.AsInt64() >>> 32).AsInt32(), (multiplier.AsInt64() >>> 32).AsInt32()) + nudge) << 1;
        var product = Vector256.ConditionalSelect(Vector256.Create(0xFFFFFFFFL), even, odd).AsInt32();
        var shifts = Vector256.Load(table.RightShifts + channel).AsUInt32();
        var mask = Avx2.ShiftLeftLogicalVariable(Vector256<int>.One, shifts) - Vector256<int>.One;
        var threshold = (mask >>> 1) - (product >> 31);
        var rounded = Avx2.ShiftRightArithmeticVariable(product, shifts) - Vector256.GreaterThan(product & mask, threshold);
        return rounded + Vector256.Create(table.ZeroPoint);
    }

    // Clamped before the conversion, which answers -2^31 to everything that does not fit; it rounds half to even.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Single(Vector256<int> sums, in RequantizationTable table, int channel)
    {
        var scaled = Avx.ConvertToVector256Single(sums) * Vector256.Load((float*)table.Multipliers + channel);
        var clamped = Vector256.Min(
            Vector256.Max(scaled, Vector256.Create((float)(table.Min - table.ZeroPoint))), Vector256.Create((float)(table.Max - table.ZeroPoint)));
        return Avx.ConvertToVector256Int32(clamped) + Vector256.Create(table.ZeroPoint);
    }
}
