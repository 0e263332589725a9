namespace Kindling.Quantization;

/// <summary>How far an int8 activation is from its float counterpart, over all images compared.</summary>
/// <param name="Name">The activation's name.</param>
/// <param name="Kind">The operator that makes it; <c>INPUT</c> for the network's input.</param>
/// <param name="SignalToNoise">Power of the float values over power of the differences, in dB; infinite without a difference.</param>
/// <param name="MaxDifference">The largest difference, in the activation's own unit.</param>
/// <param name="SaturatedShare">Share of elements whose float value lies outside the range int8 can represent here, 0 to 1.</param>
public sealed record LayerDifference(string Name, string Kind, double SignalToNoise, double MaxDifference, double SaturatedShare)
{
    /// <summary>
    /// By how many dB <see cref="SignalToNoise"/> is below the lowest of the layers it reads (which count as 50 dB at most, what 8 bits can carry): the layers
    /// with the largest loss are those that hurt. 0 for the input.
    /// </summary>
    public double Loss { get; init; }

    /// <summary>
    /// True when the int8 network holds this activation in other units than the float network, channel by channel, as equalization leaves it. The
    /// figures are in the int8 network's units.
    /// </summary>
    public bool IsRescaled { get; init; }

    /// <summary>The image whose own signal-to-noise ratio is the lowest here, counted from 0 over all batches.</summary>
    public int WorstImage { get; init; }
}
