namespace Kindling.Reports;

/// <summary>What <c>kindling verify</c> found: float network, int8 network and generated C on the same photos.</summary>
public sealed record VerificationReport
{
    /// <summary>The model's name.</summary>
    public required string Title { get; init; }

    /// <summary>One line below it: input size, photos.</summary>
    public string Subtitle { get; init; } = "";

    /// <summary>What the float column is, as a sentence.</summary>
    public required string FloatSource { get; init; }

    /// <summary>Photos compared.</summary>
    public required int Images { get; init; }

    /// <summary>Photos for which float and int8 name the same class.</summary>
    public required int Agreeing { get; init; }

    /// <summary>Photos for which the C's output equals the host's to the bit.</summary>
    public required ReportPart<IdenticalOutputs> Identical { get; init; }

    /// <summary>The input and every layer, in the order they run.</summary>
    public required IReadOnlyList<VerifiedLayer> Layers { get; init; }

    /// <summary>The photos whose scores differ most, the worst first.</summary>
    public required IReadOnlyList<VerifiedPhoto> WorstPhotos { get; init; }

    /// <summary>How to get the same figures again.</summary>
    public required Reproduction Reproduction { get; init; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset Created { get; init; } = DateTimeOffset.Now;
}

/// <summary>How many outputs of the generated C equal the host's to the bit.</summary>
/// <param name="Equal">Photos with equal outputs.</param>
/// <param name="Compared">Photos compared.</param>
public sealed record IdenticalOutputs(int Equal, int Compared);

/// <summary>One layer, float against int8.</summary>
/// <param name="Name">The name of the value it makes.</param>
/// <param name="Operator">The operator.</param>
/// <param name="SignalToNoise">Power of the float values over power of the differences, in dB; infinite without a difference.</param>
/// <param name="Loss">By how many dB that is below the layers it reads.</param>
/// <param name="MaxDifference">The largest difference, in the layer's own unit.</param>
/// <param name="SaturatedShare">Share of float values outside the range int8 has here, from 0 to 1.</param>
/// <param name="WorstPhoto">The photo with the lowest ratio in this layer.</param>
public sealed record VerifiedLayer(
    string Name, string Operator, double SignalToNoise, double Loss, double MaxDifference, double SaturatedShare, string WorstPhoto)
{
    /// <summary>True when int8 holds the layer in other units than float, channel by channel, as equalization leaves it; the figures are in int8's units.</summary>
    public bool IsRescaled { get; init; }
}

/// <summary>A photo on which float and int8 differ.</summary>
/// <param name="Name">The photo's name.</param>
/// <param name="FloatClass">The float network's class.</param>
/// <param name="FloatScore">Its score.</param>
/// <param name="Int8Class">The int8 network's class.</param>
/// <param name="Int8Score">Its score.</param>
/// <param name="Difference">The largest difference of any score.</param>
/// <param name="Png">The photo as the network saw it, as a PNG file.</param>
public sealed record VerifiedPhoto(
    string Name, string FloatClass, double FloatScore, string Int8Class, double Int8Score, double Difference, ReadOnlyMemory<byte> Png);
