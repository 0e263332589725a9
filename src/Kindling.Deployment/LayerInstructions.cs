namespace Kindling.Deployment;

/// <summary>What one layer takes of an inference.</summary>
/// <param name="Step">Its place in the list of calls.</param>
/// <param name="Operator">TFLite's name of its operator.</param>
/// <param name="Name">The node's name.</param>
/// <param name="Output">The shape of its output.</param>
/// <param name="Instructions">Instructions, to the timer's step.</param>
/// <param name="Macs">Multiply-accumulates, padding taps included.</param>
public sealed record LayerInstructions(int Step, string Operator, string Name, string Output, long Instructions, long Macs);
