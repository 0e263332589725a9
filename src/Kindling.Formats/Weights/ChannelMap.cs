namespace Kindling.Formats.Weights;

/// <summary>Which channel of the donor each channel of a value stands for.</summary>
/// <param name="Sources">For each channel the donor's.</param>
/// <param name="SourceCount">The donor's channels.</param>
internal sealed record ChannelMap(int[] Sources, int SourceCount)
{
    /// <summary>True when both have the same channels.</summary>
    public bool IsIdentity => Sources.Length == SourceCount && Sources.Index().All(s => s.Index == s.Item);

    /// <summary>Every channel is its own source.</summary>
    public static ChannelMap Identity(int channels) => new([.. Enumerable.Range(0, channels)], channels);

    /// <summary>The donor's channels over and over, until there are enough.</summary>
    public static ChannelMap Repeated(int sources, int channels) => new([.. Enumerable.Range(0, channels).Select(c => c % sources)], sources);

    /// <summary>The channels with the largest weights, in their order.</summary>
    public static ChannelMap Largest(IReadOnlyList<double> importance, int channels) => new(
        [.. Enumerable.Range(0, importance.Count).OrderByDescending(c => importance[c]).ThenBy(c => c).Take(channels).Order()],
        importance.Count);

    /// <summary>The channels of a concatenation.</summary>
    public static ChannelMap Concat(IReadOnlyList<ChannelMap> parts)
    {
        var sources = new List<int>();
        var before = 0;
        foreach (var part in parts)
        {
            sources.AddRange(part.Sources.Select(s => s + before));
            before += part.SourceCount;
        }

        return new ChannelMap([.. sources], before);
    }
}
