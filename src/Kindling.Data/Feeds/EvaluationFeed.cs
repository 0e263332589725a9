using Kindling.Data.Images;
using Kindling.Execution;

namespace Kindling.Data;

/// <summary>Batches in the data set's order, rescaled and nothing more; the last one may be partial. For use by one caller.</summary>
public sealed class EvaluationFeed
{
    private readonly DecodedImageCache _cache;
    private readonly BatchKernel<int> _kernel;
    private readonly int _imageSize;

    /// <summary>Creates the feed.</summary>
    /// <param name="cache">The photos.</param>
    /// <param name="batchSize">Photos a batch.</param>
    public EvaluationFeed(DecodedImageCache cache, int batchSize)
    {
        ArgumentNullException.ThrowIfNull(cache);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        _cache = cache;
        BatchSize = batchSize;
        _kernel = new BatchKernel<int>(Write);
        _imageSize = cache.Preprocessing.PixelCount();
    }

    /// <summary>Photos a full batch.</summary>
    public int BatchSize { get; }

    /// <summary>Photos in all.</summary>
    public int Count => _cache.Count;

    /// <summary>Batches, the partial one included.</summary>
    public int BatchCount => (_cache.Count + BatchSize - 1) / BatchSize;

    /// <summary>Writes batch <paramref name="batch"/>; places beyond a partial batch become zero images with label -1.</summary>
    /// <param name="batch">From 0 to <see cref="BatchCount"/> - 1.</param>
    /// <param name="images">Receives [BatchSize, Height, Width, Channels] values.</param>
    /// <param name="labels">Receives BatchSize labels.</param>
    /// <param name="pool">Threads to share the images out to; null for the caller's alone.</param>
    /// <returns>Photos written: BatchSize, or fewer in the last batch.</returns>
    public int Fill(int batch, Span<float> images, Span<int> labels, WorkerPool? pool = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(batch);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(batch, BatchCount);
        if (images.Length != BatchSize * _imageSize)
            throw new ArgumentException($"A batch has {BatchSize * _imageSize} values, the span {images.Length}.", nameof(images));
        if (labels.Length != BatchSize)
            throw new ArgumentException($"A batch has {BatchSize} labels, the span {labels.Length}.", nameof(labels));
        int first = batch * BatchSize;
        int count = Math.Min(BatchSize, _cache.Count - first);
        _kernel.Fill(first, count, images[..(count * _imageSize)], pool);
        _cache.Labels.Slice(first, count).CopyTo(labels);
        images[(count * _imageSize)..].Clear();
        labels[count..].Fill(-1);
        return count;
    }

    private void Write(int first, int place, Span<float> values) =>
        ImagePreprocessor.ToFloat(_cache.Pixels(first + place), _cache.Preprocessing, values);
}
