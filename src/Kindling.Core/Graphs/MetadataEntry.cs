namespace Kindling.Graphs;

/// <summary>A named piece of a file that only its producer understands.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Data">Its bytes.</param>
public sealed record MetadataEntry(string Name, ReadOnlyMemory<byte> Data);
