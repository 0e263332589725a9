namespace Kindling.Deployment;

/// <summary>What came of measuring a network on one of many boards.</summary>
/// <param name="Target">The board.</param>
/// <param name="Result">What was measured; null when nothing was.</param>
/// <param name="Reason">Why nothing was measured; null when it was.</param>
public sealed record BoardOutcome(Target Target, BenchmarkResult? Result, string? Reason);
