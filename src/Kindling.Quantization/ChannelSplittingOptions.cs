namespace Kindling.Quantization;

/// <summary>
/// Which layers have their channels split into pieces of their range, so that each piece has all 256 steps: finer rounding where values are, for more channels. Kin to
/// the outlier channel splitting of Zhao and others (2019), which splits a channel in two halves to shrink the range of outliers.
/// </summary>
public sealed record ChannelSplittingOptions
{
    /// <summary>The fewest pieces of a channel.</summary>
    public const int LeastPieces = 2;

    /// <summary>The most pieces of a channel.</summary>
    public const int MostPieces = 4;

    /// <summary>What chosen layers may add unless said otherwise.</summary>
    public const double DefaultGrowth = 0.1;

    /// <summary>Names of the layers; empty chooses those whose rounding costs most at the scores for what their pieces add.</summary>
    public IReadOnlyList<string> Layers { get; init; } = [];

    /// <summary>Pieces of a channel, from <see cref="LeastPieces"/> to <see cref="MostPieces"/>.</summary>
    public int Pieces { get; init; } = LeastPieces;

    /// <summary>The most that chosen layers may add to the network's multiply-accumulates, as a share of them.</summary>
    public double MostGrowth { get; init; } = DefaultGrowth;

    internal void Check()
    {
        if (Pieces is < LeastPieces or > MostPieces)
            throw new KindlingException($"channels cannot be split into {Pieces} pieces; allowed are {LeastPieces} to {MostPieces}");
        if (!(MostGrowth > 0) || !double.IsFinite(MostGrowth))
            throw new KindlingException($"splitting channels may not add {MostGrowth:P0} multiply-accumulates; the share must be above 0");
    }
}
