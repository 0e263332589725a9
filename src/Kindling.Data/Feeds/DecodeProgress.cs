namespace Kindling.Data;

/// <summary>How far decoding is.</summary>
/// <param name="Done">Photos tried so far.</param>
/// <param name="Total">Photos in all.</param>
/// <param name="Skipped">Unreadable ones among them.</param>
public readonly record struct DecodeProgress(int Done, int Total, int Skipped);
