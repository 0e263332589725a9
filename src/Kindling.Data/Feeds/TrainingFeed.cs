using System.Runtime.ExceptionServices;
using Kindling.Data.Augmentation;
using Kindling.Execution;
using Kindling.Numerics;

namespace Kindling.Data;

/// <summary>
/// Shuffled, augmented batches. Batch (epoch, step) depends only on the seed and those two numbers, so training can resume anywhere and sees the same bits.
/// A batch is prepared on the threads that train, or, where one thread trains, on another one ahead of it; no batch allocates. For use by one caller.
/// </summary>
public sealed class TrainingFeed : IDisposable
{
    private const long ShuffleSalt = 0x73687566;

    private readonly DecodedImageCache _cache;
    private readonly AugmentationPipeline _augmentation;
    private readonly long _seed;
    private readonly bool _resizes;
    private readonly int[] _order;
    private readonly bool _prefetches;
    private readonly BatchKernel<(int Epoch, int Step)> _kernel;
    private Prefetcher? _prefetcher;
    private int _orderEpoch = -1;
    private bool _isDisposed;

    /// <summary>Creates the feed.</summary>
    /// <param name="cache">The training photos.</param>
    /// <param name="augmentation">What is done to them; must be built for the cache's preprocessing.</param>
    /// <param name="batchSize">Photos a batch.</param>
    /// <param name="seed">Seed of order and augmentation.</param>
    /// <param name="prefetch">True to prepare one batch ahead on a background thread where no pool of several threads does. The batches are the same either way.</param>
    /// <param name="resizes">
    /// True to write epochs at the sizes that <c>random_periodic_resizing</c> draws; false enlarges such images again, for receivers of one size.
    /// </param>
    /// <exception cref="KindlingException">There are fewer photos than a batch holds.</exception>
    public TrainingFeed(DecodedImageCache cache, AugmentationPipeline augmentation, int batchSize, long seed, bool prefetch = true, bool resizes = false)
    {
        ArgumentNullException.ThrowIfNull(cache);
        ArgumentNullException.ThrowIfNull(augmentation);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        if (cache.Count < batchSize)
            throw new KindlingException($"The batch size is {batchSize}, but there are only {cache.Count} training photos.");
        _cache = cache;
        _augmentation = augmentation;
        _seed = seed;
        BatchSize = batchSize;
        _resizes = resizes;
        _order = new int[cache.Count];
        _kernel = new BatchKernel<(int Epoch, int Step)>(Write);
        _prefetches = prefetch;
    }

    /// <summary>Photos a batch.</summary>
    public int BatchSize { get; }

    /// <summary>Full batches in an epoch; the photos left over differ from epoch to epoch.</summary>
    public int StepsPerEpoch => _cache.Count / BatchSize;

    /// <summary>The sizes that epochs may be trained at beside the network's own.</summary>
    public IReadOnlyList<ImageSize> Sizes => _resizes ? _augmentation.Sizes : [];

    /// <summary>The size that <paramref name="epoch"/> is trained at.</summary>
    public ImageSize SizeAt(int epoch) => _resizes ? _augmentation.SizeAt(_seed, epoch) : _augmentation.OwnSize;

    /// <summary>Writes batch <paramref name="step"/> of <paramref name="epoch"/>.</summary>
    /// <param name="epoch">From 0.</param>
    /// <param name="step">From 0 to <see cref="StepsPerEpoch"/> - 1. Going on in order is fastest; any order gives the same batches.</param>
    /// <param name="images">Receives [BatchSize, Height, Width, Channels] values of the size <see cref="SizeAt"/> says.</param>
    /// <param name="labels">Receives BatchSize labels.</param>
    /// <param name="pool">
    /// The threads that train on the batch. They share its images out between them: a thread beside them would keep each waiting for the one it displaces at the end
    /// of every kernel. Null, or a single thread, leaves the work to the background thread, or to the caller where there is none.
    /// </param>
    public void Fill(int epoch, int step, Span<float> images, Span<int> labels, WorkerPool? pool = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(step, StepsPerEpoch);
        if (images.Length != Values(epoch))
            throw new ArgumentException($"A batch has {Values(epoch)} values, the span {images.Length}.", nameof(images));
        if (labels.Length != BatchSize)
            throw new ArgumentException($"A batch has {BatchSize} labels, the span {labels.Length}.", nameof(labels));
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_prefetches && pool is not { Threads: > 1 })
        {
            _prefetcher ??= new Prefetcher(this);
            _prefetcher.Take(epoch, step, images, labels);
        }
        else
        {
            _prefetcher?.Settle();
            Prepare(epoch, step, images, labels, pool);
        }
    }

    /// <summary>Ends the background thread.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _prefetcher?.Dispose();
        _prefetcher = null;
    }

    private int Values(int epoch) => Values(SizeAt(epoch));

    private int Values(ImageSize size) => checked(BatchSize * size.Height * size.Width * _cache.Preprocessing.Channels);

    private void Prepare(int epoch, int step, Span<float> images, Span<int> labels, WorkerPool? pool)
    {
        if (_orderEpoch != epoch)
            Shuffle(epoch);
        for (int i = 0; i < BatchSize; i++)
            labels[i] = _cache.Labels[_order[(step * BatchSize) + i]];
        _kernel.Fill((epoch, step), BatchSize, images, pool);
    }

    private void Write((int Epoch, int Step) batch, int place, Span<float> values)
    {
        int image = _order[(batch.Step * BatchSize) + place];
        var key = new AugmentationKey(_seed, batch.Epoch, image, batch.Step);
        if (_resizes)
            _augmentation.ApplyAtSize(_cache.Pixels(image), key, values);
        else
            _augmentation.Apply(_cache.Pixels(image), key, values);
    }

    /// <summary>Shuffles from the sorted order, with numbers of this epoch only.</summary>
    private void Shuffle(int epoch)
    {
        var random = new RandomStream(_seed, ShuffleSalt, epoch);
        for (int i = 0; i < _order.Length; i++)
            _order[i] = i;
        random.Shuffle(_order.AsSpan());
        _orderEpoch = epoch;
    }

    /// <summary>One thread, one buffer: filled ahead, copied out, filled again.</summary>
    private sealed class Prefetcher : IDisposable
    {
        private readonly TrainingFeed _feed;
        private readonly float[] _images;
        private readonly int[] _labels;
        private readonly SemaphoreSlim _wanted = new(0);
        private readonly SemaphoreSlim _ready = new(0);
        private readonly Thread _thread;
        private ExceptionDispatchInfo? _fault;
        private (int Epoch, int Step) _request;
        private bool _underWay;
        private volatile bool _stop;

        public Prefetcher(TrainingFeed feed)
        {
            _feed = feed;
            _images = new float[feed.Sizes.Append(feed._augmentation.OwnSize).Max(feed.Values)];
            _labels = new int[feed.BatchSize];
            _thread = new Thread(Work) { IsBackground = true, Name = "Training feed" };
            _thread.Start();
        }

        public void Take(int epoch, int step, Span<float> images, Span<int> labels)
        {
            if (_underWay)
                _ready.Wait();
            if (_request != (epoch, step) || _fault is not null || !_underWay)
            {
                Request(epoch, step);
                _ready.Wait();
            }

            _underWay = false;
            _fault?.Throw();
            _images.AsSpan(0, images.Length).CopyTo(images);
            _labels.CopyTo(labels);
            if (step + 1 < _feed.StepsPerEpoch)
                Request(epoch, step + 1);
            else
                Request(epoch + 1, 0);
        }

        /// <summary>Lets the batch under way end: it uses the feed's order.</summary>
        public void Settle()
        {
            if (_underWay)
                _ready.Wait();
            _underWay = false;
        }

        public void Dispose()
        {
            _stop = true;
            _wanted.Release();
            _thread.Join();
            _wanted.Dispose();
            _ready.Dispose();
        }

        private void Request(int epoch, int step)
        {
            _request = (epoch, step);
            _underWay = true;
            _wanted.Release();
        }

        private void Work()
        {
            while (true)
            {
                _wanted.Wait();
                if (_stop)
                    return;
                try
                {
                    _fault = null;
                    _feed.Prepare(_request.Epoch, _request.Step, _images.AsSpan(0, _feed.Values(_request.Epoch)), _labels, null);
                }
                catch (Exception e)
                {
                    _fault = ExceptionDispatchInfo.Capture(e);
                }

                _ready.Release();
            }
        }
    }
}
