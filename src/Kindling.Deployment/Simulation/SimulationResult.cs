namespace Kindling.Deployment;

/// <summary>What a simulated board did with a list of inputs.</summary>
/// <param name="Outputs">The raw bytes of each output.</param>
/// <param name="Instructions">Instructions of each inference, to the nearest 40 (the timer's step).</param>
/// <param name="StackBytes">The deepest stack of any inference.</param>
public sealed record SimulationResult(IReadOnlyList<byte[]> Outputs, IReadOnlyList<long> Instructions, long StackBytes);
