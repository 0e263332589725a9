using Kindling.Numerics;

namespace Kindling.Data.Augmentation;

/// <summary>Takes the colour away.</summary>
internal sealed class RandomRgbToGrayscale : ColorAugmentation
{
    public static AugmentationFunction Function { get; } =
        new("random_rgb_to_grayscale", "Replaces all three channels by the luma 0.299 R + 0.587 G + 0.114 B.", 0.25, [], _ => new RandomRgbToGrayscale()) { NeedsColor = true };

    protected override void ApplyToUnit(Span<float> values, ImageDomain domain, ref RandomStream random)
    {
        int red = domain.Red;
        for (int i = 0; i < values.Length; i += 3)
            values[i] = values[i + 1] = values[i + 2] = (0.299f * values[i + red]) + (0.587f * values[i + 1]) + (0.114f * values[i + 2 - red]);
    }
}
