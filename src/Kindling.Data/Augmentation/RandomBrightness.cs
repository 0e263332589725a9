using Kindling.Numerics;

namespace Kindling.Data.Augmentation;

/// <summary>Adds one value to all pixels.</summary>
internal sealed class RandomBrightness : PixelAugmentation
{
    private static readonly AugmentationParameter Factor =
        new("factor", AugmentationParameterKind.Range, "Summand in rescaled units; one number v stands for (-v, v).") { Required = true, Example = 0.5 };

    private readonly ValueRange _factor;

    private RandomBrightness(AugmentationArguments arguments) => _factor = arguments.Range(Factor);

    public static AugmentationFunction Function { get; } =
        new("random_brightness", "Changes the brightness.", 1, [Factor], arguments => new RandomBrightness(arguments));

    public override void Apply(Span<float> values, ImageDomain domain, in AugmentationKey key, ref RandomStream random, ref RandomStream batch)
    {
        float summand = _factor.Draw(ref random);
        domain.Rescale(values, ImageDomain.Ones, [summand, summand, summand]);
    }
}
