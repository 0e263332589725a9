using Kindling.Numerics;

namespace Kindling.Data.Augmentation;

/// <summary>Slants the image along one axis.</summary>
internal sealed class RandomAxisShear : GeometricAugmentation
{
    private static readonly AugmentationParameter Factor =
        new("factor", AugmentationParameterKind.Range, "Angle of the slant as a share of a full turn.") { Required = true, Example = 0.08, Minimum = -0.2, Maximum = 0.2 };

    private readonly ValueRange _factor;
    private readonly bool _isHorizontal;

    private RandomAxisShear(AugmentationArguments arguments, bool isHorizontal)
    {
        _factor = arguments.Range(Factor);
        _isHorizontal = isHorizontal;
        Options = WarpOptions.Read(arguments);
    }

    public static AugmentationFunction AlongX { get; } =
        new("random_shear_x", "Slants images: rows shift.", 1, [Factor, .. WarpOptions.Parameters], arguments => new RandomAxisShear(arguments, isHorizontal: true));

    public static AugmentationFunction AlongY { get; } =
        new("random_shear_y", "Slants images: columns shift.", 1, [Factor, .. WarpOptions.Parameters], arguments => new RandomAxisShear(arguments, isHorizontal: false));

    public override AffineTransform Draw(ref RandomStream random, int height, int width)
    {
        double slope = Math.Tan(_factor.Draw(ref random) * 2 * Math.PI);
        return AffineTransform.AboutCentre(1, _isHorizontal ? slope : 0, _isHorizontal ? 0 : slope, 1, height, width);
    }
}
