using Kindling.Numerics;

namespace Kindling.Data.Augmentation;

/// <summary>Exchanges dark and bright.</summary>
internal sealed class RandomInvert : ColorAugmentation
{
    public static AugmentationFunction Function { get; } =
        new("random_invert", "Turns every value p from 0 to 255 into 255 - p.", 0.25, [], _ => new RandomInvert());

    protected override void ApplyToUnit(Span<float> values, ImageDomain domain, ref RandomStream random) =>
        domain.Rescale(values, [-1, -1, -1], ImageDomain.Ones, ImageDomain.Zeros, ImageDomain.Ones);
}
