using Kindling.Numerics;

namespace Kindling.Data.Augmentation;

/// <summary>Moves the image away from or towards its smoothed version.</summary>
internal sealed class RandomSharpness : ColorAugmentation
{
    private static readonly AugmentationParameter Factor =
        new("factor", AugmentationParameterKind.Range, "0 smooths, 1 changes nothing, above 1 sharpens; one number v stands for (0, v).")
        {
            Required = true,
            Example = 8.0,
            Minimum = 0,
            Maximum = 100,
            Scalar = ScalarMeaning.FromZero,
        };

    private readonly ValueRange _factor;

    private RandomSharpness(AugmentationArguments arguments) => _factor = arguments.Range(Factor);

    public static AugmentationFunction Function { get; } =
        new("random_sharpness", "Smooths or sharpens.", 1, [Factor], arguments => new RandomSharpness(arguments));

    /// <summary>smooth + factor (image - smooth), where smooth is (1 1 1, 1 5 1, 1 1 1) / 13; the outermost pixels have no smooth version and stay.</summary>
    protected override void ApplyToUnit(Span<float> values, ImageDomain domain, ref RandomStream random)
    {
        float factor = _factor.Draw(ref random);
        int stride = domain.Width * domain.Channels, inner = stride - (2 * domain.Channels);
        if (factor == 1 || domain.Height < 3 || domain.Width < 3)
            return;
        Span<float> original = ScratchBuffer.Floats(1, values.Length);
        values.CopyTo(original);
        // smooth (1 - factor) + factor image: the nine taps' share and what the centre has beyond it.
        float tap = (1 - factor) / 13, centre = (4 * tap) + factor;
        for (int y = 1; y < domain.Height - 1; y++)
        {
            int start = (y * stride) + domain.Channels;
            for (int t = 0; t < 9; t++)
            {
                ReadOnlySpan<float> source = original.Slice(start + (((t / 3) - 1) * stride) + (((t % 3) - 1) * domain.Channels), inner);
                RowMath.Accumulate(source, t == 4 ? tap + centre : tap, values.Slice(start, inner), isFirst: t == 0);
            }
        }

        domain.Rescale(values, ImageDomain.Ones, ImageDomain.Zeros, ImageDomain.Zeros, ImageDomain.Ones);
    }
}
