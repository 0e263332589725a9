using Kindling.Numerics;
using Kindling.Tensors;

namespace Kindling.Deployment.Generation;

/// <summary>The exponentials a quantized softmax needs, one for each distance from the largest value: exact integers, so the device needs no floats.</summary>
internal static class SoftmaxTable
{
    /// <summary>exp(-d * scale * beta) as Q0.31 for d = 0 … 255; 0 where TFLite leaves the term out.</summary>
    public static int[] Create(float beta, Quantization input)
    {
        var (multiplier, smallest) = QuantizedArithmetic.SoftmaxScaling(beta, input);
        var table = new int[256];
        for (var distance = 0; distance < table.Length && -distance >= smallest; distance++)
            table[distance] = FixedPoint.ExpOnNegativeValues(multiplier.Apply(-distance), QuantizedArithmetic.SoftmaxIntegerBits);
        return table;
    }
}
