namespace Kindling.Deployment.Generation;

/// <summary>
/// The exponentials a quantized softmax needs, one for each distance from the largest value, in the fixed-point arithmetic of TFLite's
/// reference kernel (gemmlowp's exp_on_negative_values): exact integers, so the device needs no floating point.
/// </summary>
internal static class SoftmaxTable
{
    private const int IntegerBits = 5;
    private const int FractionBits = 31 - IntegerBits;

    // exp(-2^n) as Q0.31 for n = -2 … 4.
    private static readonly int[] PowersOfE = [1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242];

    /// <summary>exp(-d * scale * beta) as Q0.31 for d = 0 … 255; 0 where TFLite leaves the term out.</summary>
    public static int[] Create(float scale, float beta)
    {
        var real = Math.Min((double)beta * scale * (1 << FractionBits), (1L << 31) - 1.0);
        var multiplier = QuantizedMultiplier.From(real);
        var radius = (int)Math.Floor(((1 << IntegerBits) - 1) * Math.ScaleB(1.0, FractionBits) / Math.ScaleB(1.0, multiplier.Shift));
        var table = new int[256];
        for (var distance = 0; distance < table.Length && distance <= radius; distance++)
            table[distance] = Exp(HighMul(-distance << multiplier.Shift, multiplier.Multiplier));
        return table;
    }

    /// <summary>exp(a) as Q0.31 for a &lt;= 0 as Q5.26.</summary>
    private static int Exp(int a)
    {
        if (a == 0)
            return int.MaxValue;
        const int Quarter = 1 << (FractionBits - 2);
        var reduced = (a & (Quarter - 1)) - Quarter;
        var result = ExpNearZero(reduced << IntegerBits);
        var remainder = reduced - a;
        for (var i = 0; i < PowersOfE.Length; i++)
        {
            if ((remainder & (1 << (FractionBits - 2 + i))) != 0)
                result = HighMul(result, PowersOfE[i]);
        }

        return result;
    }

    /// <summary>exp(a) for a in [-1/4, 0) as Q0.31: the Taylor series around -1/8.</summary>
    private static int ExpNearZero(int a)
    {
        const int ExpOfMinusEighth = 1895147668;
        const int Third = 715827883;
        var x = a + (1 << 28);
        var x2 = HighMul(x, x);
        var x3 = HighMul(x2, x);
        var x4 = HighMul(x2, x2);
        var tail = ShiftRight(HighMul(ShiftRight(x4, 2) + x3, Third) + x2, 1);
        return ExpOfMinusEighth + HighMul(ExpOfMinusEighth, x + tail);
    }

    private static int HighMul(int x, int y) => (int)((((long)x * y) + (1L << 30)) >> 31);

    private static int ShiftRight(int x, int exponent)
    {
        var mask = (1 << exponent) - 1;
        return (x >> exponent) + ((x & mask) > (mask >> 1) + (x < 0 ? 1 : 0) ? 1 : 0);
    }
}
