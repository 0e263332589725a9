using Kindling.Numerics;

namespace Kindling.Data.Augmentation;

/// <summary>Zooms about the image's centre.</summary>
internal sealed class RandomZoom : GeometricAugmentation
{
    private static readonly AugmentationParameter WidthFactor =
        new("width_factor", AugmentationParameterKind.Range, "How much more of the width is shown: 0.2 zooms out by 20 %, -0.2 zooms in.")
        {
            Required = true,
            Example = 0.3,
            Minimum = -0.99,
            Maximum = 10,
        };

    private static readonly AugmentationParameter HeightFactor =
        new("height_factor", AugmentationParameterKind.Range, "The same for the height; without it the aspect ratio is kept.") { Minimum = -0.99, Maximum = 10 };

    private readonly ValueRange _width;
    private readonly ValueRange? _height;

    private RandomZoom(AugmentationArguments arguments)
    {
        _width = arguments.Range(WidthFactor);
        _height = arguments.OptionalRange(HeightFactor);
        Options = WarpOptions.Read(arguments);
    }

    public static AugmentationFunction Function { get; } =
        new("random_zoom", "Zooms images in or out.", 1, [WidthFactor, HeightFactor, .. WarpOptions.Parameters], arguments => new RandomZoom(arguments));

    public override AffineTransform Draw(ref RandomStream random, int height, int width)
    {
        float x = 1 + _width.Draw(ref random);
        float y = _height is { } range ? 1 + range.Draw(ref random) : x;
        return AffineTransform.AboutCentre(x, 0, 0, y, height, width);
    }
}
