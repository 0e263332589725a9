using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Numerics;

/// <summary>
/// The factors and ranges of the integer operators, computed from scales and zero points in exactly the precision TensorFlow Lite Micro uses.
/// Host kernels and generated C take them from here.
/// </summary>
public static class QuantizedArithmetic
{
    /// <summary>Bits both summands are shifted left by before an addition.</summary>
    public const int AddLeftShift = 20;

    /// <summary>Integer bits of the differences a softmax exponentiates.</summary>
    public const int SoftmaxIntegerBits = 5;

    /// <summary>Integer bits of the sum a softmax divides by.</summary>
    public const int SoftmaxSumIntegerBits = 12;

    /// <summary>Integer bits of the argument of the logistic function.</summary>
    public const int LogisticIntegerBits = 4;

    /// <summary>The factors from accumulator to output of a convolution, one an output channel (weights per channel or per tensor).</summary>
    public static QuantizedMultiplier[] ConvolutionMultipliers(Quantization input, Quantization weights, Quantization output, int channels)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(output);
        var multipliers = new QuantizedMultiplier[channels];
        for (var c = 0; c < channels; c++)
            multipliers[c] = QuantizedMultiplier.From((double)input.Scale * weights.Scales[weights.IsPerChannel ? c : 0] / output.Scale);
        return multipliers;
    }

    /// <summary>The factors of a fully connected layer; per tensor the two scales are multiplied in single precision, as TFLite does.</summary>
    public static QuantizedMultiplier[] DenseMultipliers(Quantization input, Quantization weights, Quantization output, int channels)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(output);
        if (weights.IsPerChannel)
            return ConvolutionMultipliers(input, weights, output, channels);
        var multipliers = new QuantizedMultiplier[channels];
        Array.Fill(multipliers, QuantizedMultiplier.From((double)(input.Scale * weights.Scale) / output.Scale));
        return multipliers;
    }

    /// <summary>The factor from one scale to another: requantization, ReLU, mean before its division.</summary>
    public static QuantizedMultiplier RequantizeMultiplier(Quantization input, Quantization output)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(output);
        return QuantizedMultiplier.From((double)input.Scale / output.Scale);
    }

    /// <summary>The factor of an element-by-element product.</summary>
    public static QuantizedMultiplier ProductMultiplier(Quantization first, Quantization second, Quantization output)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentNullException.ThrowIfNull(output);
        return QuantizedMultiplier.From((double)first.Scale * second.Scale / output.Scale);
    }

    /// <summary>The factors of an addition: for each summand, shifted left by <see cref="AddLeftShift"/>, and for their sum.</summary>
    public static (QuantizedMultiplier First, QuantizedMultiplier Second, QuantizedMultiplier Sum) AddMultipliers(
        Quantization first, Quantization second, Quantization output)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentNullException.ThrowIfNull(output);
        var twiceLargest = 2.0 * Math.Max(first.Scale, second.Scale);
        return (QuantizedMultiplier.From(first.Scale / twiceLargest), QuantizedMultiplier.From(second.Scale / twiceLargest),
            QuantizedMultiplier.From(twiceLargest / ((1 << AddLeftShift) * (double)output.Scale)));
    }

    /// <summary>The factor of a mean over <paramref name="count"/> elements: the division is folded into the requantization.</summary>
    public static QuantizedMultiplier MeanMultiplier(Quantization input, Quantization output, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var scale = RequantizeMultiplier(input, output);
        var shift = Math.Min(Math.Min((int)long.Log2(count), 32), 31 + scale.Shift);
        return new QuantizedMultiplier((int)(((long)scale.Multiplier << shift) / count), scale.Shift - shift);
    }

    /// <summary>The factor of the differences a softmax exponentiates, and the most negative difference that still counts.</summary>
    public static (QuantizedMultiplier Multiplier, int SmallestDifference) SoftmaxScaling(float beta, Quantization input)
    {
        ArgumentNullException.ThrowIfNull(input);
        const int FractionalBits = 31 - SoftmaxIntegerBits;
        var factor = Math.Min(beta * (double)input.Scale * (1 << FractionalBits), int.MaxValue);
        var multiplier = QuantizedMultiplier.From(factor);
        return (multiplier, -InputRadius(SoftmaxIntegerBits, multiplier.Shift));
    }

    /// <summary>The factor of a logistic function's argument, and the distance from the zero point at which the output saturates.</summary>
    public static (QuantizedMultiplier Multiplier, int Radius) LogisticScaling(Quantization input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var multiplier = QuantizedMultiplier.From(Math.Min(Math.ScaleB(input.Scale, 31 - LogisticIntegerBits), int.MaxValue));
        return (multiplier, InputRadius(LogisticIntegerBits, multiplier.Shift));
    }

    /// <summary>The quantized range an activation lets through (TFLite's CalculateActivationRangeQuantized).</summary>
    /// <param name="activation">The activation.</param>
    /// <param name="output">Scale and zero point of the output.</param>
    /// <param name="type">Int8 or UInt8.</param>
    public static (int Min, int Max) ActivationRange(Activation activation, Quantization output, ElementType type = ElementType.Int8)
    {
        var (min, max) = activation.Range();
        return ClipRange(min, max, output, type);
    }

    /// <summary>The quantized range that stands for the real range <paramref name="min"/> to <paramref name="max"/>.</summary>
    public static (int Min, int Max) ClipRange(float min, float max, Quantization output, ElementType type = ElementType.Int8)
    {
        ArgumentNullException.ThrowIfNull(output);
        var (lowest, highest) = type == ElementType.UInt8 ? (0, 255) : (-128, 127);
        return (Math.Clamp(Quantized(min, lowest), lowest, highest), Math.Clamp(Quantized(max, highest), lowest, highest));

        int Quantized(float value, int unbounded) => float.IsInfinity(value)
            ? unbounded
            : output.ZeroPoint + (int)Math.Clamp(MathF.Round(value / output.Scale, MidpointRounding.AwayFromZero), -1e9f, 1e9f);
    }

    /// <summary>A real number as 8 bits: divided in single precision, rounded half away from zero, clamped (TFLite's AffineQuantize).</summary>
    public static int Quantize(float value, Quantization quantization, ElementType type)
    {
        ArgumentNullException.ThrowIfNull(quantization);
        var (lowest, highest) = type == ElementType.UInt8 ? (0, 255) : (-128, 127);
        var steps = Math.Clamp(MathF.Round(value / quantization.Scale, MidpointRounding.AwayFromZero), -1e6f, 1e6f);
        return Math.Clamp((int)steps + quantization.ZeroPoint, lowest, highest);
    }

    private static int InputRadius(int integerBits, int leftShift) =>
        (int)Math.Min(int.MaxValue, Math.Floor(Math.ScaleB((1 << integerBits) - 1, 31 - integerBits - leftShift)));
}
