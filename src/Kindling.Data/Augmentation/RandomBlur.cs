using Kindling.Numerics;

namespace Kindling.Data.Augmentation;

/// <summary>Replaces every pixel by the mean of a square around it.</summary>
internal sealed class RandomBlur : PixelAugmentation
{
    private static readonly AugmentationParameter FilterSize =
        new("filter_size", AugmentationParameterKind.IntegerRange, "Side of the square in pixels; one number is that very side.")
        {
            Required = true,
            Example = new[] { 3, 7 },
            Minimum = 1,
            Maximum = 99,
            Scalar = ScalarMeaning.Exactly,
        };

    private static readonly AugmentationParameter Padding =
        new("padding", AugmentationParameterKind.Choice, "What lies beyond the edge: the image mirrored without or with its outermost pixel, or one value.")
        {
            Default = "reflect",
            Choices = ["reflect", "constant", "symmetric"],
        };

    private static readonly AugmentationParameter ConstantValues =
        new("constant_values", AugmentationParameterKind.Number, "The value beyond the edge for padding constant, in rescaled units.") { Default = 0.0 };

    private readonly ValueRange _size;
    private readonly string _padding;
    private readonly float _constant;

    private RandomBlur(AugmentationArguments arguments)
    {
        _size = arguments.IntegerRange(FilterSize);
        _padding = arguments.Choice(Padding);
        _constant = arguments.Number(ConstantValues);
    }

    public static AugmentationFunction Function { get; } =
        new("random_blur", "Replaces every pixel by the mean of a square around it.", 1, [FilterSize, Padding, ConstantValues], arguments => new RandomBlur(arguments));

    /// <summary>Along the rows, then along the columns. A square of even side reaches one pixel further to the right and down.</summary>
    public override void Apply(Span<float> values, ImageDomain domain, in AugmentationKey key, ref RandomStream random, ref RandomStream batch)
    {
        int size = _size.DrawInteger(ref random), before = (size - 1) / 2, stride = domain.Width * domain.Channels;
        if (size == 1)
            return;
        Span<float> padded = ScratchBuffer.Floats(1, (domain.Width + size - 1) * domain.Channels);
        Span<float> rows = ScratchBuffer.Floats(2, values.Length);
        for (int y = 0; y < domain.Height; y++)
        {
            Pad(values.Slice(y * stride, stride), padded, before, domain);
            for (int t = 0; t < size; t++)
                RowMath.Accumulate(padded.Slice(t * domain.Channels, stride), 1f / size, rows.Slice(y * stride, stride), isFirst: t == 0);
        }

        // The rows are means already; beyond the edge a row of constants is its own mean.
        Span<float> outside = padded[..stride];
        outside.Fill(_constant);
        for (int y = 0; y < domain.Height; y++)
        {
            for (int t = 0; t < size; t++)
            {
                int source = Index(y + t - before, domain.Height);
                RowMath.Accumulate(source < 0 ? outside : rows.Slice(source * stride, stride), 1f / size, values.Slice(y * stride, stride), isFirst: t == 0);
            }
        }
    }

    private void Pad(ReadOnlySpan<float> row, Span<float> padded, int before, ImageDomain domain)
    {
        int channels = domain.Channels, width = padded.Length / channels;
        for (int x = 0; x < width; x++)
        {
            if (x == before)
            {
                row.CopyTo(padded[(x * channels)..]);
                x += domain.Width - 1;
                continue;
            }

            int source = Index(x - before, domain.Width);
            for (int c = 0; c < channels; c++)
                padded[(x * channels) + c] = source < 0 ? _constant : row[(source * channels) + c];
        }
    }

    /// <summary>The pixel that stands for position <paramref name="i"/>, or -1 for the constant.</summary>
    private int Index(int i, int length)
    {
        if ((uint)i < (uint)length)
            return i;
        if (_padding == "constant")
            return -1;
        int period = _padding == "reflect" ? Math.Max(1, (2 * length) - 2) : 2 * length;
        int m = ((i % period) + period) % period;
        return m < length ? m : _padding == "reflect" ? period - m : period - 1 - m;
    }
}
