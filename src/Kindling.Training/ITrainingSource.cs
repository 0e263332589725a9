using Kindling.Data.Augmentation;
using Kindling.Execution;

namespace Kindling.Training;

/// <summary>Batches to train on: full ones, each depending on its epoch and step only, so that a training can resume anywhere.</summary>
public interface ITrainingSource
{
    /// <summary>Images a batch.</summary>
    int BatchSize { get; }

    /// <summary>Batches an epoch.</summary>
    int StepsPerEpoch { get; }

    /// <summary>The sizes of images that epochs may have beside the network's own; a training with them needs <see cref="TrainerOptions.AtSize"/>.</summary>
    IReadOnlyList<ImageSize> Sizes => [];

    /// <summary>The size of an epoch's images, one of <see cref="Sizes"/>; null for the network's own.</summary>
    /// <param name="epoch">From 0.</param>
    ImageSize? SizeAt(int epoch) => null;

    /// <summary>Writes a batch.</summary>
    /// <param name="epoch">From 0.</param>
    /// <param name="step">From 0 to below <see cref="StepsPerEpoch"/>.</param>
    /// <param name="images">Receives [BatchSize, H, W, C] values of the epoch's size.</param>
    /// <param name="labels">Receives BatchSize labels.</param>
    void Fill(int epoch, int step, Span<float> images, Span<int> labels);

    /// <summary>Writes the same batch with the help of the threads that train on it, where the source can.</summary>
    /// <param name="epoch">From 0.</param>
    /// <param name="step">From 0 to below <see cref="StepsPerEpoch"/>.</param>
    /// <param name="images">As above.</param>
    /// <param name="labels">As above.</param>
    /// <param name="pool">The threads, idle now.</param>
    void Fill(int epoch, int step, Span<float> images, Span<int> labels, WorkerPool pool) => Fill(epoch, step, images, labels);
}
