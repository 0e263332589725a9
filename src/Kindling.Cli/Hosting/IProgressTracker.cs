namespace Kindling.Cli.Hosting;

/// <summary>Takes word of how far some work is. May be called from any thread.</summary>
internal interface IProgressTracker
{
    /// <summary>Says how far it is.</summary>
    /// <param name="done">How much is done, up to the total.</param>
    /// <param name="detail">What else is worth knowing now.</param>
    void Report(double done, string? detail = null);

    /// <summary>A line worth keeping where nothing moves, such as one an epoch.</summary>
    void Milestone(string line);
}
