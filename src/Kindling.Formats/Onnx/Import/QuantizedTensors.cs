using Kindling.Tensors;

namespace Kindling.Formats.Onnx.Import;

/// <summary>Integers of the file and the real numbers they stand for.</summary>
internal static class QuantizedTensors
{
    /// <summary>uint8 as int8: elements and zero point 128 lower.</summary>
    public static (Tensor Tensor, Quantization Quantization) ToSigned(Tensor tensor, Quantization quantization)
    {
        var signed = new Tensor(ElementType.Int8, tensor.Shape);
        var source = tensor.AsSpan<byte>();
        var target = signed.AsSpan<sbyte>();
        for (var i = 0; i < source.Length; i++)
            target[i] = unchecked((sbyte)(source[i] ^ 0x80));
        return (signed, ToSigned(quantization));
    }

    /// <summary>Zero points of uint8 as those of int8.</summary>
    public static Quantization ToSigned(Quantization q) => new([.. q.Scales], [.. q.ZeroPoints.Select(z => z - 128)], q.Axis);

    /// <summary>The real numbers.</summary>
    public static float[] Dequantize(Tensor tensor, Quantization q)
    {
        var result = new float[tensor.Shape.ElementCount];
        var inner = q.IsPerChannel ? tensor.Shape.Skip(q.Axis + 1).Aggregate(1, (product, d) => product * d) : 1;
        for (var i = 0; i < result.Length; i++)
        {
            var channel = q.IsPerChannel ? i / inner % q.Scales.Count : 0;
            result[i] = (Integer(tensor, i) - q.ZeroPoints[channel]) * q.Scales[channel];
        }

        return result;
    }

    /// <summary>One element.</summary>
    public static int Integer(Tensor tensor, int index) => tensor.Type switch
    {
        ElementType.Int8 => tensor.AsSpan<sbyte>()[index],
        ElementType.UInt8 => tensor.AsSpan<byte>()[index],
        _ => tensor.AsSpan<int>()[index],
    };
}
