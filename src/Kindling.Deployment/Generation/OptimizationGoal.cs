namespace Kindling.Deployment;

/// <summary>What generated C prefers where instructions, RAM and flash conflict.</summary>
public enum OptimizationGoal
{
    /// <summary>Scratch that saves instructions as long as it fits into the arena the activations need anyway.</summary>
    Balanced,

    /// <summary>Scratch for the fewest instructions, even if the arena grows.</summary>
    Time,

    /// <summary>The smallest arena.</summary>
    Ram,

    /// <summary>The smallest code: as balanced, compiled for size.</summary>
    Flash,
}
