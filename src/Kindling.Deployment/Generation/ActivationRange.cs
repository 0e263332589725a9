using Kindling.Tensors;

namespace Kindling.Deployment.Generation;

/// <summary>What a float range becomes in quantized values.</summary>
internal static class ActivationRange
{
    /// <summary>The int8 values a clip to a range lets through.</summary>
    public static (int Min, int Max) Of(float low, float high, Quantization quantization) =>
        (float.IsNegativeInfinity(low) ? -128 : Quantize(low, quantization), float.IsPositiveInfinity(high) ? 127 : Quantize(high, quantization));

    private static int Quantize(float value, Quantization quantization) =>
        (int)Math.Clamp(quantization.ZeroPoint + MathF.Round(value / quantization.Scale, MidpointRounding.AwayFromZero), -128f, 127f);
}
