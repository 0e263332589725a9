using Kindling.Numerics;

namespace Kindling.Data.Augmentation;

/// <summary>Slants the image along both axes by two independent angles.</summary>
internal sealed class RandomShear : GeometricAugmentation
{
    private static readonly AugmentationParameter Factor =
        new("factor", AugmentationParameterKind.Range, "Angle of the slant as a share of a full turn.") { Required = true, Example = 0.06, Minimum = -0.2, Maximum = 0.2 };

    private readonly ValueRange _factor;

    private RandomShear(AugmentationArguments arguments)
    {
        _factor = arguments.Range(Factor);
        Options = WarpOptions.Read(arguments);
    }

    public static AugmentationFunction Function { get; } =
        new("random_shear", "Slants images along both axes.", 1, [Factor, .. WarpOptions.Parameters], arguments => new RandomShear(arguments));

    public override AffineTransform Draw(ref RandomStream random, int height, int width)
    {
        double x = Math.Tan(_factor.Draw(ref random) * 2 * Math.PI), y = Math.Tan(_factor.Draw(ref random) * 2 * Math.PI);
        return AffineTransform.AboutCentre(1, x, y, 1, height, width);
    }
}
