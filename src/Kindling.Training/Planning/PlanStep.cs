using Kindling.Execution;

namespace Kindling.Training.Planning;

/// <summary>One kernel call of a training step.</summary>
/// <param name="Name">The layer and what is computed for it.</param>
/// <param name="Create">Makes the kernel once all addresses are known.</param>
/// <param name="Prepare">True when it lays out weights, which change with every step.</param>
internal sealed record PlanStep(string Name, Func<Kernel> Create, bool Prepare);
