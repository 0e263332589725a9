namespace Kindling.Deployment;

/// <summary>What a simulated board did with a list of inputs.</summary>
/// <param name="Outputs">The raw bytes of each output.</param>
/// <param name="Instructions">Instructions of each inference, to the timer's step (40 on a Cortex-M4 or M7).</param>
/// <param name="StackBytes">The deepest stack of any inference.</param>
/// <param name="LayerInstructions">Instructions of each step of the first inference; empty unless the image measures layers.</param>
public sealed record SimulationResult(
    IReadOnlyList<byte[]> Outputs, IReadOnlyList<long> Instructions, long StackBytes, IReadOnlyList<long> LayerInstructions);
