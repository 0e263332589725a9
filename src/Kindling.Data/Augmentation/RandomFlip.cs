using Kindling.Numerics;

namespace Kindling.Data.Augmentation;

/// <summary>Mirrors the image.</summary>
internal sealed class RandomFlip : GeometricAugmentation
{
    private static readonly AugmentationParameter Mode =
        new("mode", AugmentationParameterKind.Choice, "Left and right, top and bottom, or one of the two or both, picked at random.")
        {
            Required = true,
            Example = "horizontal",
            Choices = ["horizontal", "vertical", "horizontal_and_vertical"],
        };

    private readonly string _mode;

    private RandomFlip(AugmentationArguments arguments) => _mode = arguments.Choice(Mode);

    public static AugmentationFunction Function { get; } =
        new("random_flip", "Mirrors images.", 0.5, [Mode], arguments => new RandomFlip(arguments));

    public override AffineTransform Draw(ref RandomStream random, int height, int width)
    {
        int pick = _mode switch { "horizontal" => 0, "vertical" => 1, _ => random.NextInt32(3) };
        return AffineTransform.AboutCentre(pick == 1 ? 1 : -1, 0, 0, pick == 0 ? 1 : -1, height, width);
    }
}
