using System.Collections.Concurrent;
using Kindling.Data.Images;
using Kindling.Graphs;

namespace Kindling.Data;

/// <summary>
/// Every photo of a data set, decoded once and held as bytes at the network's input size and channel order ([Height, Width, Channels] each).
/// The same bytes feed training, float evaluation, calibration and int8 evaluation.
/// </summary>
public sealed class DecodedImageCache
{
    private const int BlockBytes = 1 << 28;
    private const int ProgressInterval = 32;

    private readonly byte[][] _blocks;
    private readonly int _imagesPerBlock;
    private readonly int[] _slots;
    private readonly int[] _labels;
    private readonly string[] _names;

    private DecodedImageCache(
        ImageDataset dataset, Preprocessing preprocessing, byte[][] blocks, int imagesPerBlock, int[] slots, SkippedImage[] skipped)
    {
        Preprocessing = preprocessing;
        ClassNames = dataset.ClassNames;
        SkippedImages = skipped;
        _blocks = blocks;
        _imagesPerBlock = imagesPerBlock;
        _slots = slots;
        _labels = [.. slots.Select(dataset.Label)];
        _names = [.. slots.Select(dataset.FileName)];
    }

    /// <summary>Readable photos, in the data set's order.</summary>
    public int Count => _slots.Length;

    /// <summary>How the photos were prepared and are to be rescaled.</summary>
    public Preprocessing Preprocessing { get; }

    /// <summary>The classes in the order of the labels.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>The labels of photos 0 … <see cref="Count"/> - 1.</summary>
    public ReadOnlySpan<int> Labels => _labels;

    /// <summary>The photos that could not be read, in the data set's order.</summary>
    public IReadOnlyList<SkippedImage> SkippedImages { get; }

    /// <summary>The bytes of photo <paramref name="index"/>, [Height, Width, Channels].</summary>
    public ReadOnlySpan<byte> Pixels(int index) => Slot(_blocks, _imagesPerBlock, _slots[index], Preprocessing.PixelCount());

    /// <summary>The name of photo <paramref name="index"/> as class/file.</summary>
    public string FileName(int index) => _names[index];

    /// <summary>Decodes and resizes all photos in parallel.</summary>
    /// <param name="dataset">The photos.</param>
    /// <param name="preprocessing">The network's input.</param>
    /// <param name="threads">Threads to decode on; 0 for all processors. The result is the same for any number.</param>
    /// <param name="checkImageFiles">True to refuse a set with unreadable photos; false to leave them out and list them in <see cref="SkippedImages"/>.</param>
    /// <param name="progress">Told now and then how far it is, from any thread.</param>
    /// <param name="cancellationToken">Stops the decoding.</param>
    /// <exception cref="KindlingException">No photo can be read, <paramref name="checkImageFiles"/> is set and some cannot, or they need more memory than the machine has.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static DecodedImageCache Load(
        ImageDataset dataset,
        Preprocessing preprocessing,
        int threads = 0,
        bool checkImageFiles = false,
        IProgress<DecodeProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(preprocessing);
        int size = preprocessing.PixelCount();
        int perBlock = Math.Max(1, BlockBytes / size);
        byte[][] blocks = Allocate(dataset, size, perBlock);
        var reasons = new ConcurrentDictionary<int, string>();
        int done = 0;
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = threads > 0 ? threads : Environment.ProcessorCount,
            CancellationToken = cancellationToken,
        };
        Run(dataset.Count, options, index =>
        {
            try
            {
                Image image = dataset.Load(index, preprocessing.Channels);
                ImagePreprocessor.ToPixels(image, preprocessing, Slot(blocks, perBlock, index, size));
            }
            catch (KindlingException e)
            {
                reasons[index] = e.Message;
            }

            int now = Interlocked.Increment(ref done);
            if (progress is not null && (now % ProgressInterval == 0 || now == dataset.Count))
                progress.Report(new DecodeProgress(now, dataset.Count, reasons.Count));
        });

        SkippedImage[] skipped = [.. reasons.OrderBy(r => r.Key).Select(r => new SkippedImage(dataset.FileName(r.Key), r.Value))];
        if (skipped.Length > 0 && (checkImageFiles || skipped.Length == dataset.Count))
            throw Unreadable(dataset, skipped);
        int[] slots = [.. Enumerable.Range(0, dataset.Count).Where(i => !reasons.ContainsKey(i))];
        return new DecodedImageCache(dataset, preprocessing, blocks, perBlock, slots, skipped);
    }

    /// <summary>Runs the body for every index; a fault comes out as itself, not wrapped.</summary>
    private static void Run(int count, ParallelOptions options, Action<int> body)
    {
        try
        {
            Parallel.For(0, count, options, body);
        }
        catch (AggregateException e) when (e.InnerException is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(e.InnerException).Throw();
        }
    }

    private static byte[][] Allocate(ImageDataset dataset, int size, int perBlock)
    {
        long total = (long)dataset.Count * size;
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (total > available)
            throw new KindlingException($"Data set '{dataset.Name}': {dataset.Count} photos of {size} bytes need {total >> 20} MiB of memory, the machine has {available >> 20} MiB.");
        byte[][] blocks = new byte[(dataset.Count + perBlock - 1) / perBlock][];
        for (int b = 0; b < blocks.Length; b++)
            blocks[b] = GC.AllocateUninitializedArray<byte>(checked(Math.Min(perBlock, dataset.Count - (b * perBlock)) * size));
        return blocks;
    }

    private static Span<byte> Slot(byte[][] blocks, int perBlock, int slot, int size) =>
        blocks[slot / perBlock].AsSpan(slot % perBlock * size, size);

    private static KindlingException Unreadable(ImageDataset dataset, SkippedImage[] skipped)
    {
        const int Listed = 20;
        var lines = skipped.Take(Listed).Select(s => $"{Environment.NewLine}  {s.FileName}: {s.Reason}");
        string more = skipped.Length > Listed ? $"{Environment.NewLine}  and {skipped.Length - Listed} more" : "";
        return new KindlingException($"Data set '{dataset.Name}': {skipped.Length} of {dataset.Count} photos cannot be read:{string.Concat(lines)}{more}");
    }
}
