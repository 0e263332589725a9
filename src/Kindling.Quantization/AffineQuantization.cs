using Kindling.Quantization.Estimators;
using Parameters = Kindling.Tensors.Quantization;

namespace Kindling.Quantization;

/// <summary>Scales and zero points after TFLite's 8-bit specification.</summary>
internal static class AffineQuantization
{
    /// <summary>Output of SOFTMAX and LOGISTIC, fixed by the specification: 0 to 255/256.</summary>
    public static readonly Parameters Probability = new(1 / 256f, -128);

    private const float SmallestRange = 1e-6f;

    /// <summary>int8 for a range, widened to hold 0.0, with the zero point moved to the nearest whole number.</summary>
    public static Parameters Asymmetric(ActivationRange range)
    {
        const int low = -128;
        const int high = 127;
        double min = Math.Min(range.Min, 0);
        double max = Math.Max(range.Max, 0);
        // A channel group that never fires: any scale will do, one that keeps multipliers small is best.
        if (max - min < SmallestRange)
            return new Parameters(1f / (high - low), low);
        var scale = (max - min) / (high - low);
        var fromMin = low - (min / scale);
        var fromMax = high - (max / scale);
        var errorFromMin = Math.Abs(low) + Math.Abs(min / scale);
        var errorFromMax = Math.Abs(high) + Math.Abs(max / scale);
        var zeroPoint = errorFromMin < errorFromMax ? fromMin : fromMax;
        // A range of -1 to 1 puts zero half way between two steps; float noise in its ends must not decide which way it goes.
        zeroPoint = Math.Round(zeroPoint, 4);
        return new Parameters((float)scale, (int)Math.Clamp(Round(zeroPoint), low, high));
    }

    /// <summary>The nearest int8 of a real number.</summary>
    public static sbyte ToInt8(double value, Parameters q) => (sbyte)Math.Clamp(Round(value / q.Scale) + q.ZeroPoint, -128, 127);

    /// <summary>The nearest whole number, halves away from zero (TfLiteRound).</summary>
    public static double Round(double value) => Math.Round(value, MidpointRounding.AwayFromZero);
}
