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
        sum + Avx512BW.MultiplyAddAdjacent(x.AsInt16(), w.AsInt16());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(sbyte* target, Vector512<int> sums, in RequantizationTable table, int channel)
    {
        var steps = table.IsSinglePrecision ? Single(sums, table, channel) : Fixed(sums, table, channel);
        var clamped = Vector512.Min(Vector512.Max(steps, Vector512.Create(table.Min)), Vector512.Create(table.Max));
        Avx512F.ConvertToVector128SByte(clamped).Store(target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Fixed(Vector512<int> sums, in RequantizationTable table, int channel)
    {
        var multiplier = Vector512.Load(table.Multipliers + channel);
        if (table.ShiftsLeft)
            sums = Avx512F.ShiftLeftLogicalVariable(sums, Vector512.Load(table.LeftShifts + channel).AsUInt32());
        // Products of 32 bits come in even lanes only: once as they are, once moved down by one lane.
        var nudge = Vector512.Create(1L << 30);
        var even = (Avx512F.Multiply(sums, multiplier) + nudge) >>> 31;
        var odd = (Avx512F.Multiply((sums.AsInt64() >>> 32).AsInt32(), (multiplier.AsInt64() >>> 32).AsInt32()) + nudge) << 1;
        var low = Vector512.Create(0xFFFFFFFFL);
        var product = Vector512.ConditionalSelect(low, even, odd).AsInt32();
        var shifts = Vector512.Load(table.RightShifts + channel).AsUInt32();
        var mask = Avx512F.ShiftLeftLogicalVariable(Vector512<int>.One, shifts) - Vector512<int>.One;
        var threshold = (mask >>> 1) - (product >> 31);
        var rounded = Avx512F.ShiftRightArithmeticVariable(product, shifts) - Vector512.GreaterThan(product & mask, threshold);
        return rounded + Vector512.Create(table.ZeroPoint);
    }

    // Clamped before the conversion, which answers -2^31 to everything that does not fit; it rounds half to even.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Single(Vector512<int> sums, in RequantizationTable table, int channel)
    {
        var scaled = Avx512F.ConvertToVector512Single(sums) * Vector512.Load((float*)table.Multipliers + channel);
        var clamped = Vector512.Min(
            Vector512.Max(scaled, Vector512.Create((float)(table.Min - table.ZeroPoint))), Vector512.Create((float)(table.Max - table.ZeroPoint)));
        return Avx512F.ConvertToVector512Int32(clamped) + Vector512.Create(table.ZeroPoint);
    }
}
