using Kindling.Numerics;

namespace Kindling.Data.Augmentation;

/// <summary>Shows the image as JPEG of a random quality would keep it.</summary>
internal sealed class RandomJpegQuality : ColorAugmentation
{
    private static readonly AugmentationParameter Quality =
        new("jpeg_quality", AugmentationParameterKind.IntegerRange, "Quality on the scale of the Independent JPEG Group; one number is that very quality.")
        {
            Required = true,
            Example = new[] { 5, 30 },
            Minimum = 0,
            Maximum = 100,
            Scalar = ScalarMeaning.Exactly,
        };

    private readonly ValueRange _quality;

    private RandomJpegQuality(AugmentationArguments arguments) => _quality = arguments.IntegerRange(Quality);

    public static AugmentationFunction Function { get; } =
        new("random_jpeg_quality", "Compresses and decompresses images as baseline JPEG does, colour at half resolution.", 1, [Quality], arguments => new RandomJpegQuality(arguments));

    protected override void ApplyToUnit(Span<float> values, ImageDomain domain, ref RandomStream random) =>
        JpegRoundTrip.Apply(values, domain, _quality.DrawInteger(ref random));
}
