using Kindling.Numerics;

namespace Kindling.Data.Augmentation;

/// <summary>Turns the image about its centre.</summary>
internal sealed class RandomRotation : GeometricAugmentation
{
    private static readonly AugmentationParameter Factor =
        new("factor", AugmentationParameterKind.Range, "Angle as a share of a full turn, positive anticlockwise.") { Required = true, Example = 0.1, Minimum = -1, Maximum = 1 };

    private readonly ValueRange _factor;

    private RandomRotation(AugmentationArguments arguments)
    {
        _factor = arguments.Range(Factor);
        Options = WarpOptions.Read(arguments);
    }

    public static AugmentationFunction Function { get; } =
        new("random_rotation", "Turns images about their centre.", 1, [Factor, .. WarpOptions.Parameters], arguments => new RandomRotation(arguments));

    public override AffineTransform Draw(ref RandomStream random, int height, int width)
    {
        (double sin, double cos) = Math.SinCos(_factor.Draw(ref random) * 2 * Math.PI);
        return AffineTransform.AboutCentre(cos, -sin, sin, cos, height, width);
    }
}
