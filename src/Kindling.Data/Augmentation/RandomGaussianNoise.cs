using Kindling.Numerics;

namespace Kindling.Data.Augmentation;

/// <summary>Adds independent normal noise to every value.</summary>
internal sealed class RandomGaussianNoise : PixelAugmentation
{
    private static readonly AugmentationParameter StandardDeviation =
        new("stddev", AugmentationParameterKind.Range, "Standard deviation in rescaled units.") { Required = true, Example = new[] { 0.1, 0.3 }, Minimum = 0, Scalar = ScalarMeaning.Exactly };

    private static readonly AugmentationParameter Mode =
        new("mode", AugmentationParameterKind.Choice, "Whether the standard deviation is drawn for each image or once for a batch.") { Default = "image", Choices = ["image", "batch"] };

    private readonly ValueRange _deviation;
    private readonly bool _perBatch;

    private RandomGaussianNoise(AugmentationArguments arguments)
    {
        _deviation = arguments.Range(StandardDeviation);
        _perBatch = arguments.Choice(Mode) == "batch";
    }

    public static AugmentationFunction Function { get; } =
        new("random_gaussian_noise", "Adds normal noise.", 1, [StandardDeviation, Mode], arguments => new RandomGaussianNoise(arguments));

    public override void Apply(Span<float> values, ImageDomain domain, in AugmentationKey key, ref RandomStream random, ref RandomStream batch)
    {
        float deviation = _perBatch ? _deviation.Draw(ref batch) : _deviation.Draw(ref random);
        for (int i = 0; i < values.Length; i++)
            values[i] += deviation * random.NextGaussian();
        domain.Rescale(values, ImageDomain.Ones, ImageDomain.Zeros);
    }
}
