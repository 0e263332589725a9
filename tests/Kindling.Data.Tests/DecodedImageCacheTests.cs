using Kindling.Graphs;
using Kindling.Tests;

namespace Kindling.Data.Tests;

public sealed class DecodedImageCacheTests : IDisposable
{
    private static readonly Preprocessing Input = new(8, 8, ColorMode.Rgb, [1 / 255f], [0]);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_photo_is_held_in_order_with_its_label_and_name()
    {
        WriteFour();
        using ImageDataset dataset = ImageDataset.Open(_folder.Path);

        DecodedImageCache cache = Load(dataset);

        Assert.Equal(4, cache.Count);
        Assert.Equal([0, 0, 1, 1], cache.Labels);
        Assert.Equal(["a/1.png", "a/2.png", "b/3.png", "b/4.png"], Enumerable.Range(0, 4).Select(cache.FileName));
        for (int i = 0; i < 4; i++)
            Assert.Equal(Enumerable.Repeat((byte)((i + 1) * 10), 192), cache.Pixels(i).ToArray());
    }

    [Fact]
    public void Unreadable_photos_are_left_out_and_named()
    {
        WriteFour();
        _folder.Write("a/15.jpg", [1, 2, 3]);
        _folder.Write("b/35.png", TemporaryFolder.Photo(1)[..40]);
        using ImageDataset dataset = ImageDataset.Open(_folder.Path);

        DecodedImageCache cache = Load(dataset);

        Assert.Equal(["a/1.png", "a/2.png", "b/3.png", "b/4.png"], Enumerable.Range(0, 4).Select(cache.FileName));
        Assert.Equal(30, cache.Pixels(2)[0]);
        Assert.Equal([0, 0, 1, 1], cache.Labels);
        Assert.Equal(["a/15.jpg", "b/35.png"], cache.SkippedImages.Select(s => s.FileName));
        Assert.Contains("not a JPEG", cache.SkippedImages[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Unreadable_photos_are_a_fault_when_files_are_checked()
    {
        WriteFour();
        _folder.Write("a/15.jpg", [1, 2, 3]);
        using ImageDataset dataset = ImageDataset.Open(_folder.Path);

        var fault = Assert.Throws<KindlingException>(() => Load(dataset, checkImageFiles: true));

        Assert.Contains("1 of 5 photos cannot be read", fault.Message, StringComparison.Ordinal);
        Assert.Contains("a/15.jpg", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_set_without_one_readable_photo_is_a_fault()
    {
        _folder.Write("a/1.jpg", [1]);
        _folder.Write("b/1.jpg", [1]);
        using ImageDataset dataset = ImageDataset.Open(_folder.Path);
        Assert.Contains("2 of 2 photos", Assert.Throws<KindlingException>(() => Load(dataset)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Progress_ends_with_all_photos_and_cancelling_stops()
    {
        using var shapes = new SyntheticShapes(100, 1, 16);
        var progress = new Recorder();
        _ = DecodedImageCache.Load(shapes, Input, threads: 1, progress: progress, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(new DecodeProgress(100, 100, 0), progress.Reports[^1]);

        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => DecodedImageCache.Load(shapes, Input, cancellationToken: cancelled.Token));
    }

    [Fact]
    public void All_flowers_decode_the_same_on_one_thread_and_two()
    {
        using ImageDataset flowers = ImageDataset.Open(SharedData.Require("flowers/flower_photos_256.zip"));
        ImageDataset some = flowers.Subset([.. Enumerable.Range(0, 367).Select(i => i * 10)]);
        var input = new Preprocessing(96, 96, ColorMode.Rgb, [1 / 127.5f], [-1]);

        DecodedImageCache one = DecodedImageCache.Load(some, input, threads: 1, cancellationToken: TestContext.Current.CancellationToken);
        DecodedImageCache two = DecodedImageCache.Load(some, input, threads: 2, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(367, one.Count);
        Assert.Empty(one.SkippedImages);
        for (int i = 0; i < one.Count; i++)
            Assert.True(one.Pixels(i).SequenceEqual(two.Pixels(i)));
    }

    private static DecodedImageCache Load(ImageDataset dataset, bool checkImageFiles = false) =>
        DecodedImageCache.Load(dataset, Input, checkImageFiles: checkImageFiles, cancellationToken: TestContext.Current.CancellationToken);

    private void WriteFour()
    {
        _folder.WritePhoto("a/1.png", 10);
        _folder.WritePhoto("a/2.png", 20);
        _folder.WritePhoto("b/3.png", 30);
        _folder.WritePhoto("b/4.png", 40);
    }

    private sealed class Recorder : IProgress<DecodeProgress>
    {
        public List<DecodeProgress> Reports { get; } = [];

        public void Report(DecodeProgress value) => Reports.Add(value);
    }
}
