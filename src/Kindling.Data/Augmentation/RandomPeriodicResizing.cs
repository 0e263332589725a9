using System.Collections.Concurrent;
using Kindling.Data.Images;
using Kindling.Numerics;

namespace Kindling.Data.Augmentation;

/// <summary>
/// Trains at another size every few epochs. Where the receiver's input has one size, images are reduced to the drawn size and enlarged again.
/// </summary>
internal sealed class RandomPeriodicResizing : PixelAugmentation
{
    private const long PeriodSalt = 0x706572696F64;

    private static readonly AugmentationParameter Period =
        new("resizing_period", AugmentationParameterKind.Integer, "Epochs that a size is kept.") { Required = true, Example = 1, Minimum = 1, Maximum = 1_000_000 };

    private static readonly AugmentationParameter InitialSize =
        new("initial_image_size", AugmentationParameterKind.Size, "The size (height, width) of the first period; drawn like the others when absent.") { Minimum = 1, Maximum = 4096 };

    private static readonly AugmentationParameter RandomSizes =
        new("random_image_sizes", AugmentationParameterKind.Sizes, "The sizes that are drawn from, numbers for squares or pairs (height, width).") { Required = true, Example = new[] { 16, 24, 32, 48 }, Minimum = 1, Maximum = 4096 };

    private static readonly AugmentationParameter Filter =
        new("interpolation", AugmentationParameterKind.Choice, "How images are brought to the size.") { Default = "bilinear", Choices = ["bilinear", "nearest", "bicubic", "area"] };

    private static readonly ConcurrentDictionary<(string Filter, int From, int To), FilterTaps> Taps = new();

    private readonly int _period;
    private readonly ImageSize? _initial;
    private readonly IReadOnlyList<ImageSize> _sizes;
    private readonly string _filter;

    private RandomPeriodicResizing(AugmentationArguments arguments)
    {
        _period = Math.Max(1, arguments.Integer(Period));
        _initial = arguments.OptionalSize(InitialSize);
        _sizes = arguments.Sizes(RandomSizes);
        _filter = arguments.Choice(Filter);
    }

    public static AugmentationFunction Function { get; } = new(
        "random_periodic_resizing",
        "Every few epochs draws a size and trains the network at it. Networks with global pooling only: the weights of others belong to one size. Validation stays at the network's own size.",
        1, [Period, InitialSize, RandomSizes, Filter], arguments => new RandomPeriodicResizing(arguments));

    /// <summary>Every size that can be drawn, each once.</summary>
    public IReadOnlyList<ImageSize> Sizes => [.. _sizes.Concat(_initial is { } initial ? [initial] : []).Distinct()];

    /// <summary>The size of an epoch. All images of a batch have one size, so <c>change_rate</c> is the share of the periods that are resized.</summary>
    public ImageSize SizeAt(long seed, int epoch, ImageSize own)
    {
        int period = epoch / _period;
        var draw = new RandomStream(seed, PeriodSalt, period);
        ImageSize size = period == 0 && _initial is { } initial ? initial : _sizes[draw.NextInt32(_sizes.Count)];
        return draw.Chance(ChangeRate) ? size : own;
    }

    /// <summary>Brings a finished image to another size.</summary>
    public void Resize(ReadOnlySpan<float> source, ImageDomain domain, Span<float> destination, ImageSize size)
    {
        Resize(source, domain.Height, domain.Width, destination, size.Height, size.Width, domain.Channels);
        domain.Rescale(destination, ImageDomain.Ones, ImageDomain.Zeros);
    }

    public override void Apply(Span<float> values, ImageDomain domain, in AugmentationKey key, ref RandomStream random, ref RandomStream batch)
    {
        var own = new ImageSize(domain.Height, domain.Width);
        ImageSize size = SizeAt(key.Seed, key.Epoch, own);
        if (size == own)
            return;
        Span<float> resized = ScratchBuffer.Floats(1, size.Height * size.Width * domain.Channels);
        Resize(values, domain.Height, domain.Width, resized, size.Height, size.Width, domain.Channels);
        Resize(resized, size.Height, size.Width, values, domain.Height, domain.Width, domain.Channels);
        domain.Rescale(values, ImageDomain.Ones, ImageDomain.Zeros);
    }

    private void Resize(ReadOnlySpan<float> source, int height, int width, Span<float> destination, int newHeight, int newWidth, int channels)
    {
        FilterTaps horizontal = TapsFor(width, newWidth), vertical = TapsFor(height, newHeight);
        int stride = newWidth * channels;
        Span<float> rows = ScratchBuffer.Floats(2, height * stride);
        for (int i = 0; i < height * newWidth; i++)
        {
            (int y, int x) = (i / newWidth, i % newWidth);
            for (int c = 0; c < channels; c++)
            {
                float sum = 0;
                for (int t = x * horizontal.Taps; t < (x + 1) * horizontal.Taps; t++)
                    sum += source[(((y * width) + horizontal.Indices[t]) * channels) + c] * horizontal.Weights[t];
                rows[(i * channels) + c] = sum;
            }
        }

        for (int y = 0; y < newHeight; y++)
        {
            for (int t = 0; t < vertical.Taps; t++)
            {
                int tap = (y * vertical.Taps) + t;
                RowMath.Accumulate(rows.Slice(vertical.Indices[tap] * stride, stride), vertical.Weights[tap], destination.Slice(y * stride, stride), isFirst: t == 0);
            }
        }
    }

    private FilterTaps TapsFor(int from, int to) => Taps.GetOrAdd((_filter, from, to), static key => key.Filter switch
    {
        "nearest" => FilterTaps.Nearest(key.From, key.To),
        "bicubic" => FilterTaps.Bicubic(key.From, key.To),
        "area" => FilterTaps.Area(key.From, key.To),
        _ => FilterTaps.Bilinear(key.From, key.To),
    });
}
