using Kindling.Numerics;

namespace Kindling.Graphs;

/// <summary>What a graph cannot do without outside the network itself: a model without it gives nonsense.</summary>
/// <param name="Preprocessing">How a photo becomes the input; null when the file did not say.</param>
/// <param name="ClassNames">Names of the outputs in order; empty when unknown.</param>
public sealed record ModelMetadata(Preprocessing? Preprocessing, IReadOnlyList<string> ClassNames)
{
    /// <summary>No description at all.</summary>
    public static ModelMetadata Empty { get; } = new(null, []);

    /// <summary>The licence of weights and data, when known.</summary>
    public string? License { get; init; }

    /// <summary>One sentence on where the model comes from, when known.</summary>
    public string? Description { get; init; }

    /// <summary>
    /// How the format an int8 network was read from has sums rounded; null where it has TFLite's reference arithmetic, as networks made here. It is the
    /// format's own, so no file holds it.
    /// </summary>
    public Int8Arithmetic? Arithmetic { get; init; }

    /// <summary>What a TFLite file says under other names, as its producer wrote it; written again by <c>TfliteWriter</c>.</summary>
    public IReadOnlyList<MetadataEntry> Entries { get; init; } = [];
}
