using Kindling.Data.Images;
using Kindling.Graphs;
using Kindling.Numerics;

namespace Kindling.Data.Augmentation;

/// <summary>
/// The functions of a configuration's <c>data_augmentation</c> section, applied to the rescaled image in their order. Neighbouring geometric functions
/// with the same fill and interpolation are combined, so that the image is resampled once. Per-image standardisation
/// comes last, as it does outside training. Safe for use by several threads.
/// </summary>
public sealed class AugmentationPipeline
{
    private const long ImageSalt = 0x696D616765;
    private const long BatchSalt = 0x6261746368;

    private readonly Preprocessing _preprocessing;
    private readonly ImageDomain _domain;
    private readonly List<Stage> _stages = [];
    private readonly RandomPeriodicResizing? _resizing;

    /// <summary>Builds the pipeline.</summary>
    /// <param name="specs">The functions in order, each at most once; none for plain rescaling.</param>
    /// <param name="preprocessing">The network's input: shape, scale and offset.</param>
    /// <exception cref="KindlingException">A function or parameter is unknown or a value is wrong; the message lists every fault.</exception>
    public AugmentationPipeline(IReadOnlyList<AugmentationSpec> specs, Preprocessing preprocessing)
    {
        ArgumentNullException.ThrowIfNull(specs);
        ArgumentNullException.ThrowIfNull(preprocessing);
        var faults = new List<string>();
        List<AugmentationStep> steps = AugmentationCatalogue.CreateSteps(specs, faults);
        if (preprocessing.Channels == 1)
            faults.AddRange(specs.Where(s => AugmentationCatalogue.Find(s.Function) is { NeedsColor: true }).Select(s => $"data_augmentation.{s.Function}: needs red, green and blue; the network's input is grayscale"));
        if (faults.Count > 0)
            throw new KindlingException(string.Join(Environment.NewLine, faults));
        _preprocessing = preprocessing;
        _domain = new ImageDomain(preprocessing);
        for (int i = 0; i < steps.Count; i++)
            AddStage(steps[i], i);
        _resizing = steps.OfType<RandomPeriodicResizing>().FirstOrDefault();
    }

    /// <summary>The size of the network's own input.</summary>
    public ImageSize OwnSize => new(_preprocessing.Height, _preprocessing.Width);

    /// <summary>The sizes that <c>random_periodic_resizing</c> may train at; none without it.</summary>
    public IReadOnlyList<ImageSize> Sizes => _resizing?.Sizes ?? [];

    /// <summary>The size an epoch is trained at.</summary>
    public ImageSize SizeAt(long seed, int epoch) => _resizing?.SizeAt(seed, epoch, OwnSize) ?? OwnSize;

    /// <summary>Rescales and augments one image.</summary>
    /// <param name="pixels">[Height, Width, Channels] bytes in the network's channel order, as <see cref="ImagePreprocessor.ToPixels"/> makes them.</param>
    /// <param name="key">What the random numbers depend on.</param>
    /// <param name="values">Receives [Height, Width, Channels] floats of the network's own size; images that an epoch resizes are enlarged again.</param>
    public void Apply(ReadOnlySpan<byte> pixels, AugmentationKey key, Span<float> values)
    {
        Augment(pixels, key, values, resizes: true);
        ImagePreprocessor.Standardize(_preprocessing, values);
    }

    /// <summary>Rescales and augments one image, and brings it to the size of its epoch.</summary>
    /// <param name="pixels">As in <see cref="Apply"/>.</param>
    /// <param name="key">What the random numbers depend on.</param>
    /// <param name="values">Receives [Height, Width, Channels] floats of the size <see cref="SizeAt"/> says.</param>
    public void ApplyAtSize(ReadOnlySpan<byte> pixels, AugmentationKey key, Span<float> values)
    {
        ImageSize size = SizeAt(key.Seed, key.Epoch);
        if (_resizing is null || size == OwnSize)
        {
            Augment(pixels, key, values, resizes: false);
        }
        else
        {
            Span<float> whole = ScratchBuffer.Floats(4, pixels.Length);
            Augment(pixels, key, whole, resizes: false);
            _resizing.Resize(whole, _domain, values, size);
        }

        ImagePreprocessor.Standardize(_preprocessing, values);
    }

    private void Augment(ReadOnlySpan<byte> pixels, AugmentationKey key, Span<float> values, bool resizes)
    {
        bool ready = false;
        foreach (Stage stage in _stages)
        {
            if (stage.Pixel is RandomPeriodicResizing && !resizes)
                continue;
            if (stage.Pixel is { } step)
            {
                var random = new RandomStream(key.Seed, ImageSalt, key.Epoch, key.Image, stage.First);
                if (!random.Chance(step.ChangeRate))
                    continue;
                Rescale(pixels, values, ref ready);
                var batch = new RandomStream(key.Seed, BatchSalt, key.Epoch, key.Step, stage.First);
                step.Apply(values, _domain, key, ref random, ref batch);
            }
            else if (stage.Draw(key, _domain, out AffineTransform map))
            {
                Span<float> source = ScratchBuffer.Floats(0, values.Length + AffineWarp.SourcePadding);
                if (ready)
                    values.CopyTo(source);
                else
                    ImagePreprocessor.Rescale(pixels, _preprocessing, source[..values.Length]);
                AffineWarp.Apply(source, values, _domain, map, stage.Options);
                ready = true;
            }
        }

        Rescale(pixels, values, ref ready);
    }

    private void Rescale(ReadOnlySpan<byte> pixels, Span<float> values, ref bool ready)
    {
        if (!ready)
            ImagePreprocessor.Rescale(pixels, _preprocessing, values);
        ready = true;
    }

    private void AddStage(AugmentationStep step, int index)
    {
        if (step is not GeometricAugmentation geometric)
            _stages.Add(new Stage(index) { Pixel = (PixelAugmentation)step });
        else if (_stages.Count > 0 && _stages[^1].Accepts(geometric))
            _stages[^1].Add(geometric);
        else
            _stages.Add(new Stage(index, geometric));
    }

    /// <summary>One pass over the image: one pixel function, or geometric functions combined.</summary>
    private sealed class Stage(int first)
    {
        private static readonly WarpOptions FlipOptions = new(FillMode.Nearest, Interpolation.Bilinear, 0);
        private readonly List<GeometricAugmentation> _geometric = [];
        private WarpOptions? _options;

        public Stage(int first, GeometricAugmentation geometric)
            : this(first) => Add(geometric);

        public int First => first;

        public PixelAugmentation? Pixel { get; init; }

        public WarpOptions Options => _options ?? FlipOptions;

        public bool Accepts(GeometricAugmentation next) =>
            Pixel is null && (_options is null || next.Options is null || _options == next.Options);

        public void Add(GeometricAugmentation geometric)
        {
            _geometric.Add(geometric);
            _options ??= geometric.Options;
        }

        /// <summary>Draws the combined map; false when this image is left alone.</summary>
        public bool Draw(AugmentationKey key, ImageDomain domain, out AffineTransform map)
        {
            map = AffineTransform.Identity;
            bool changed = false;
            for (int i = 0; i < _geometric.Count; i++)
            {
                var random = new RandomStream(key.Seed, ImageSalt, key.Epoch, key.Image, first + i);
                if (!random.Chance(_geometric[i].ChangeRate))
                    continue;
                map = map.Then(_geometric[i].Draw(ref random, domain.Height, domain.Width));
                changed = true;
            }

            return changed;
        }
    }
}
