using Kindling.Data.Augmentation;
using Kindling.Data.Images;
using Kindling.Execution;
using Kindling.Graphs;
using Size = Kindling.Data.Augmentation.ImageSize;

namespace Kindling.Data.Tests;

/// <summary>Runs alone, because it counts what the whole process allocates.</summary>
[Collection(nameof(Alone))]
public sealed class FeedTests
{
    private const int Count = 50;
    private const int Batch = 8;
    private static readonly Preprocessing Input = new(16, 16, ColorMode.Rgb, [1 / 127.5f], [-1]);
    private static readonly int ImageSize = Input.PixelCount();
    private readonly DecodedImageCache _cache = LoadCache();

    [Fact]
    public void An_epoch_shows_no_photo_twice_and_every_epoch_another_order()
    {
        using TrainingFeed feed = Feed(augment: false);
        Assert.Equal(6, feed.StepsPerEpoch);

        int[] first = Epoch(feed, 0), second = Epoch(feed, 1);

        Assert.Equal(48, first.Distinct().Count());
        Assert.Equal(48, second.Distinct().Count());
        Assert.NotEqual(first, second);
        Assert.NotEqual(first.Order(), first);
    }

    [Fact]
    public void Labels_belong_to_their_images()
    {
        using TrainingFeed feed = Feed(augment: false);
        float[] images = new float[Batch * ImageSize];
        int[] labels = new int[Batch];
        for (int step = 0; step < feed.StepsPerEpoch; step++)
        {
            feed.Fill(0, step, images, labels);
            for (int i = 0; i < Batch; i++)
                Assert.Equal(_cache.Labels[Identify(images.AsSpan(i * ImageSize, ImageSize))], labels[i]);
        }
    }

    [Fact]
    public void Prefetched_batches_equal_those_made_on_the_spot_in_any_order_of_asking()
    {
        using TrainingFeed ahead = Feed(prefetch: true), onTheSpot = Feed(prefetch: false);
        (int Epoch, int Step)[] order = [(0, 0), (0, 1), (0, 2), (0, 5), (1, 0), (1, 1), (0, 1), (7, 3), (7, 4), (7, 4)];
        foreach ((int epoch, int step) in order)
            Assert.Equal(Take(onTheSpot, epoch, step), Take(ahead, epoch, step));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Batches_shared_out_to_a_pool_equal_those_made_on_the_spot_also_between_prefetched_ones(int threads)
    {
        using var pool = new WorkerPool(threads);
        using TrainingFeed shared = Feed(prefetch: true), onTheSpot = Feed(prefetch: false);
        (int Epoch, int Step, bool Shared)[] order = [(0, 0, true), (0, 1, true), (0, 2, false), (1, 0, true), (1, 1, false), (1, 2, false), (0, 5, true), (7, 3, true)];
        foreach ((int epoch, int step, bool isShared) in order)
        {
            float[] expected = new float[Batch * ImageSize], actual = new float[Batch * ImageSize];
            int[] expectedLabels = new int[Batch], actualLabels = new int[Batch];
            onTheSpot.Fill(epoch, step, expected, expectedLabels);
            shared.Fill(epoch, step, actual, actualLabels, isShared ? pool : null);
            Assert.Equal(expected, actual);
            Assert.Equal(expectedLabels, actualLabels);
        }
    }

    [Fact]
    public void A_feed_that_has_been_closed_gives_no_batch()
    {
        TrainingFeed feed = Feed();
        _ = Take(feed, 0, 0);
        feed.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Take(feed, 0, 1));
    }

    [Fact]
    public void A_resumed_feed_goes_on_with_the_same_bits()
    {
        using TrainingFeed whole = Feed(), resumed = Feed();
        for (int step = 0; step < whole.StepsPerEpoch; step++)
            _ = Take(whole, 0, step);

        for (int step = 0; step < whole.StepsPerEpoch; step++)
            Assert.Equal(Take(whole, 1, step), Take(resumed, 1, step));
    }

    [Fact]
    public void Another_seed_gives_another_order_and_other_augmentation()
    {
        using TrainingFeed one = Feed(seed: 1), two = Feed(seed: 2);
        Assert.NotEqual(Take(one, 0, 0), Take(two, 0, 0));
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 0)]
    [InlineData(true, 2)]
    public void Batches_allocate_nothing(bool prefetch, int threads)
    {
        using WorkerPool? pool = threads == 0 ? null : new WorkerPool(threads);
        using TrainingFeed feed = Feed(prefetch: prefetch);
        float[] images = new float[Batch * ImageSize];
        int[] labels = new int[Batch];
        for (int epoch = 0; epoch < 3; epoch++)
            feed.Fill(epoch, 0, images, labels, pool);

        // The least of many tries: the runtime allocates while it still optimizes; the feed's own would stay.
        long least = long.MaxValue;
        for (int attempt = 0; attempt < 200 && least > 0; attempt++)
        {
            long before = prefetch ? GC.GetTotalAllocatedBytes(precise: true) : GC.GetAllocatedBytesForCurrentThread();
            for (int step = 0; step < feed.StepsPerEpoch; step++)
                feed.Fill(attempt, step, images, labels, pool);
            least = Math.Min(least, (prefetch ? GC.GetTotalAllocatedBytes(precise: true) : GC.GetAllocatedBytesForCurrentThread()) - before);
            Thread.Sleep(10);
        }

        Assert.Equal(0, least);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(true, 2)]
    public void A_resizing_feed_writes_each_epoch_at_its_size_and_others_always_at_the_networks(bool prefetch, int threads)
    {
        using WorkerPool? pool = threads == 0 ? null : new WorkerPool(threads);
        AugmentationSpec[] specs = [new("random_periodic_resizing", new Dictionary<string, object?> { ["resizing_period"] = 2, ["random_image_sizes"] = new object[] { new[] { 10, 24 }, 8 } })];
        var pipeline = new AugmentationPipeline(specs, Input);
        using var resizing = new TrainingFeed(_cache, pipeline, Batch, 3, prefetch, resizes: true);
        using var plain = new TrainingFeed(_cache, pipeline, Batch, 3, prefetch);
        using var whole = new TrainingFeed(_cache, new AugmentationPipeline([], Input), Batch, 3, prefetch);
        Assert.Equal([new Size(10, 24), new Size(8, 8)], resizing.Sizes);
        Assert.Empty(plain.Sizes);
        var drawn = new HashSet<Size>();
        for (int epoch = 0; epoch < 12; epoch++)
        {
            Size size = resizing.SizeAt(epoch);
            drawn.Add(size);
            Assert.Equal(resizing.SizeAt(epoch / 2 * 2), size);
            Assert.Equal(pipeline.OwnSize, plain.SizeAt(epoch));
            int values = size.Height * size.Width * Input.Channels;
            float[] images = new float[Batch * values];
            int[] labels = new int[Batch], expected = new int[Batch];
            // The last step of an epoch is where the feed prepares a batch of another size.
            resizing.Fill(epoch, resizing.StepsPerEpoch - 1, images, labels, pool);
            float[] originals = new float[Batch * ImageSize];
            whole.Fill(epoch, whole.StepsPerEpoch - 1, originals, expected);
            Assert.Equal(expected, labels);
            // Resizing keeps a picture's mean, more or less.
            for (int i = 0; i < Batch; i++)
                Assert.Equal(originals.Skip(i * ImageSize).Take(ImageSize).Average(), images.Skip(i * values).Take(values).Average(), 0.05f);
            Assert.Throws<ArgumentException>(() => resizing.Fill(epoch, 0, new float[images.Length + 1], labels));
            Assert.Equal(Batch * ImageSize, Take(plain, epoch, 0).Length);
        }

        Assert.Equal(2, drawn.Count);
    }

    [Fact]
    public void A_batch_larger_than_the_set_is_a_fault()
    {
        var fault = Assert.Throws<KindlingException>(() => new TrainingFeed(_cache, new AugmentationPipeline([], Input), 51, 1));
        Assert.Contains("51", fault.Message, StringComparison.Ordinal);
        Assert.Contains("50", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Evaluation_keeps_the_order_and_ends_with_a_partial_batch(int threads)
    {
        using WorkerPool? pool = threads == 0 ? null : new WorkerPool(threads);
        var feed = new EvaluationFeed(_cache, Batch);
        float[] images = new float[Batch * ImageSize];
        int[] labels = new int[Batch];
        var seen = new List<int>();
        for (int b = 0; b < feed.BatchCount; b++)
        {
            Array.Fill(images, 9);
            int filled = feed.Fill(b, images, labels, pool);
            Assert.Equal(b == 6 ? 2 : Batch, filled);
            for (int i = 0; i < filled; i++)
            {
                seen.Add(Identify(images.AsSpan(i * ImageSize, ImageSize)));
                Assert.Equal(_cache.Labels[seen[^1]], labels[i]);
            }

            Assert.All(images[(filled * ImageSize)..], v => Assert.Equal(0, v));
            Assert.All(labels[filled..], l => Assert.Equal(-1, l));
        }

        Assert.Equal(Enumerable.Range(0, Count), seen);
    }

    private static DecodedImageCache LoadCache()
    {
        using var shapes = new SyntheticShapes(Count, 4, 16);
        return DecodedImageCache.Load(shapes, Input);
    }

    private static float[] Take(TrainingFeed feed, int epoch, int step)
    {
        float[] images = new float[Batch * ImageSize];
        feed.Fill(epoch, step, images, new int[Batch]);
        return images;
    }

    private TrainingFeed Feed(bool augment = true, bool prefetch = true, long seed = 1) =>
        new(_cache, new AugmentationPipeline(augment ? AugmentationTests.AllFunctions() : [], Input), Batch, seed, prefetch);

    private int[] Epoch(TrainingFeed feed, int epoch)
    {
        var photos = new List<int>();
        for (int step = 0; step < feed.StepsPerEpoch; step++)
        {
            float[] images = Take(feed, epoch, step);
            for (int i = 0; i < Batch; i++)
                photos.Add(Identify(images.AsSpan(i * ImageSize, ImageSize)));
        }

        return [.. photos];
    }

    /// <summary>The index of the photo these values are.</summary>
    private int Identify(ReadOnlySpan<float> values)
    {
        float[] candidate = new float[ImageSize];
        for (int i = 0; i < Count; i++)
        {
            ImagePreprocessor.ToFloat(_cache.Pixels(i), Input, candidate);
            if (values.SequenceEqual(candidate))
                return i;
        }

        return -1;
    }
}
