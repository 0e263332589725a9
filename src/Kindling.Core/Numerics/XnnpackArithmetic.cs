using Kindling.Tensors;

namespace Kindling.Numerics;

/// <summary>The single-precision factors of XNNPACK's integer operators, computed in the order XNNPACK computes them.</summary>
public static class XnnpackArithmetic
{
    /// <summary>The factors from accumulator to output of a convolution or fully connected layer, one an output channel.</summary>
    public static float[] ConvolutionScales(Quantization input, Quantization weights, Quantization output, int channels)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(output);
        var scales = new float[channels];
        for (var c = 0; c < channels; c++)
            scales[c] = input.Scale * weights.Scales[weights.IsPerChannel ? c : 0] / output.Scale;
        return scales;
    }

    /// <summary>The factor of an element-by-element product.</summary>
    public static float ProductScale(Quantization first, Quantization second, Quantization output)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentNullException.ThrowIfNull(output);
        return first.Scale * second.Scale / output.Scale;
    }

    /// <summary>The factor of a mean over <paramref name="count"/> elements.</summary>
    public static float MeanScale(Quantization input, Quantization output, int count)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(output);
        return input.Scale / output.Scale / count;
    }

    /// <summary>A real number as 8 bits: times the reciprocal of the scale, rounded half to even, clamped.</summary>
    public static int Quantize(float value, Quantization quantization, ElementType type)
    {
        ArgumentNullException.ThrowIfNull(quantization);
        var (lowest, highest) = type == ElementType.UInt8 ? (0, 255) : (-128, 127);
        var steps = Math.Clamp(value * (1 / quantization.Scale), lowest - quantization.ZeroPoint, highest - quantization.ZeroPoint);
        return (int)MathF.Round(steps, MidpointRounding.ToEven) + quantization.ZeroPoint;
    }
}
