namespace Kindling.Training.Planning;

/// <summary>What differs from one run of a plan to the next and is not in its memory.</summary>
internal sealed class StepState
{
    /// <summary>Seed of everything random.</summary>
    public long Seed { get; init; }

    /// <summary>Steps done before this one.</summary>
    public long Step { get; set; }
}
