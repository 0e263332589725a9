using Kindling.Execution;

namespace Kindling.Training;

/// <summary>Batches to evaluate on, always the same; the last may be partial.</summary>
public interface IEvaluationSource
{
    /// <summary>Images a full batch.</summary>
    int BatchSize { get; }

    /// <summary>Batches, the partial one included.</summary>
    int BatchCount { get; }

    /// <summary>Writes a batch.</summary>
    /// <param name="batch">From 0 to below <see cref="BatchCount"/>.</param>
    /// <param name="images">Receives [BatchSize, H, W, C] values.</param>
    /// <param name="labels">Receives BatchSize labels.</param>
    /// <returns>Images written: BatchSize, or fewer in the last batch.</returns>
    int Fill(int batch, Span<float> images, Span<int> labels);

    /// <summary>Writes the same batch with the help of some threads, where the source can.</summary>
    /// <param name="batch">As above.</param>
    /// <param name="images">As above.</param>
    /// <param name="labels">As above.</param>
    /// <param name="pool">The threads, idle now; null for none beside the caller.</param>
    /// <returns>As above.</returns>
    int Fill(int batch, Span<float> images, Span<int> labels, WorkerPool? pool) => Fill(batch, images, labels);
}
