using Kindling.Numerics;

namespace Kindling.Data.Augmentation;

/// <summary>Shifts the image.</summary>
internal sealed class RandomTranslation : GeometricAugmentation
{
    private static readonly AugmentationParameter WidthFactor =
        new("width_factor", AugmentationParameterKind.Range, "Shift to the right as a share of the width.") { Required = true, Example = 0.2, Minimum = -1, Maximum = 1 };

    private static readonly AugmentationParameter HeightFactor =
        new("height_factor", AugmentationParameterKind.Range, "Shift downwards as a share of the height.") { Required = true, Example = 0.2, Minimum = -1, Maximum = 1 };

    private readonly ValueRange _width;
    private readonly ValueRange _height;

    private RandomTranslation(AugmentationArguments arguments)
    {
        _width = arguments.Range(WidthFactor);
        _height = arguments.Range(HeightFactor);
        Options = WarpOptions.Read(arguments);
    }

    public static AugmentationFunction Function { get; } =
        new("random_translation", "Shifts images.", 1, [WidthFactor, HeightFactor, .. WarpOptions.Parameters], arguments => new RandomTranslation(arguments));

    public override AffineTransform Draw(ref RandomStream random, int height, int width)
    {
        float right = _width.Draw(ref random) * width, down = _height.Draw(ref random) * height;
        return AffineTransform.Identity with { C = -right, F = -down };
    }
}
