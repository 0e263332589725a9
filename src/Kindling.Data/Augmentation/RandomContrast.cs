using Kindling.Numerics;

namespace Kindling.Data.Augmentation;

/// <summary>Stretches values around each channel's mean.</summary>
internal sealed class RandomContrast : PixelAugmentation
{
    private static readonly AugmentationParameter Factor =
        new("factor", AugmentationParameterKind.Range, "Multiplier of the distance from the channel's mean; one number v stands for (1 - v, 1 + v).")
        {
            Required = true,
            Example = 0.7,
            Minimum = 0,
            Maximum = 10,
            Scalar = ScalarMeaning.AroundOne,
        };

    private readonly ValueRange _factor;

    private RandomContrast(AugmentationArguments arguments) => _factor = arguments.Range(Factor);

    public static AugmentationFunction Function { get; } =
        new("random_contrast", "Changes the contrast.", 1, [Factor], arguments => new RandomContrast(arguments));

    public override void Apply(Span<float> values, ImageDomain domain, in AugmentationKey key, ref RandomStream random, ref RandomStream batch)
    {
        float factor = _factor.Draw(ref random);
        Span<double> sums = stackalloc double[3];
        if (domain.Channels == 3)
        {
            PeriodThree.Sum(values, sums);
        }
        else
        {
            foreach (float value in values)
                sums[0] += value;
        }

        Span<float> factors = [factor, factor, factor];
        Span<float> summands = stackalloc float[3];
        for (int c = 0; c < 3; c++)
            summands[c] = (float)(sums[c] / (domain.Height * domain.Width)) * (1 - factor);
        domain.Rescale(values, factors, summands);
    }
}
