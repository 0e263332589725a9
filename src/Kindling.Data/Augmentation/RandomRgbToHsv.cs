using Kindling.Numerics;

namespace Kindling.Data.Augmentation;

/// <summary>Shows hue, saturation and value in place of red, green and blue.</summary>
internal sealed class RandomRgbToHsv : ColorAugmentation
{
    public static AugmentationFunction Function { get; } =
        new("random_rgb_to_hsv", "Puts hue, saturation and value in place of red, green and blue.", 0.25, [], _ => new RandomRgbToHsv()) { NeedsColor = true };

    protected override void ApplyToUnit(Span<float> values, ImageDomain domain, ref RandomStream random)
    {
        ColorPlanes planes = ColorPlanes.Split(values, domain);
        HsvColor.FromRgb(planes);
        planes.Merge(values);
    }
}
