namespace Kindling.Training;

/// <summary>How a training ended. The graph then holds the last completed epoch's weights.</summary>
/// <param name="History">All epochs, those before a resumption included.</param>
/// <param name="BestEpoch">The best epoch, from 1; 0 when none was completed.</param>
/// <param name="IsInterrupted">True when it was cancelled.</param>
/// <param name="StopReason">Why a callback stopped it; null when none did.</param>
public sealed record TrainingResult(IReadOnlyList<EpochResult> History, int BestEpoch, bool IsInterrupted, string? StopReason)
{
    /// <summary>The best epoch; null when none was completed.</summary>
    public EpochResult? Best => History.FirstOrDefault(e => e.Epoch == BestEpoch);
}
