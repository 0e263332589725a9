namespace Kindling.Execution;

/// <summary>How an operator's output may lie over an input that nobody reads afterwards.</summary>
/// <param name="Distance">The input begins at least so many bytes behind the output (negative: it may begin before it). Then no byte is
/// overwritten before it was read for the last time.</param>
/// <param name="OnlyTogether">True where the two may only begin at the same address; then the distance counts for nothing.</param>
public readonly record struct OverlapRule(long Distance, bool OnlyTogether = false);

/// <summary>Two buffers of an arena that may overlap although the first is read while the second is written.</summary>
/// <param name="Dying">The buffer that is read for the last time: its place in the list of buffers.</param>
/// <param name="Born">The buffer that is written.</param>
/// <param name="Rule">How they may lie.</param>
public readonly record struct BufferOverlap(int Dying, int Born, OverlapRule Rule);
