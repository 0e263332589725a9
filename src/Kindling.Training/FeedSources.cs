using Kindling.Data;
using Kindling.Data.Augmentation;
using Kindling.Execution;

namespace Kindling.Training;

/// <summary>The feeds of a data set as sources of a training.</summary>
public static class FeedSources
{
    /// <summary>A training feed as a source.</summary>
    public static ITrainingSource AsSource(this TrainingFeed feed) => new Training(feed ?? throw new ArgumentNullException(nameof(feed)));

    /// <summary>An evaluation feed as a source.</summary>
    public static IEvaluationSource AsSource(this EvaluationFeed feed) => new Evaluation(feed ?? throw new ArgumentNullException(nameof(feed)));

    private sealed class Training(TrainingFeed feed) : ITrainingSource
    {
        public int BatchSize => feed.BatchSize;

        public int StepsPerEpoch => feed.StepsPerEpoch;

        public IReadOnlyList<ImageSize> Sizes => feed.Sizes;

        public ImageSize? SizeAt(int epoch) => feed.SizeAt(epoch);

        public void Fill(int epoch, int step, Span<float> images, Span<int> labels) => feed.Fill(epoch, step, images, labels);

        public void Fill(int epoch, int step, Span<float> images, Span<int> labels, WorkerPool pool) => feed.Fill(epoch, step, images, labels, pool);
    }

    private sealed class Evaluation(EvaluationFeed feed) : IEvaluationSource
    {
        public int BatchSize => feed.BatchSize;

        public int BatchCount => feed.BatchCount;

        public int Fill(int batch, Span<float> images, Span<int> labels) => feed.Fill(batch, images, labels);

        public int Fill(int batch, Span<float> images, Span<int> labels, WorkerPool? pool) => feed.Fill(batch, images, labels, pool);
    }
}
