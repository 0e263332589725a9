using Kindling.Numerics;

namespace Kindling.Data.Augmentation;

/// <summary>Keeps the highest bits of every value.</summary>
internal sealed class RandomPosterize : ColorAugmentation
{
    private static readonly AugmentationParameter Bits =
        new("bits", AugmentationParameterKind.IntegerRange, "Bits kept of the eight; one number is that very count.")
        {
            Required = true,
            Example = new[] { 1, 4 },
            Minimum = 1,
            Maximum = 8,
            Scalar = ScalarMeaning.Exactly,
        };

    private readonly ValueRange _bits;

    private RandomPosterize(AugmentationArguments arguments) => _bits = arguments.IntegerRange(Bits);

    public static AugmentationFunction Function { get; } =
        new("random_posterize", "Rounds values to bytes and clears their lowest bits.", 1, [Bits], arguments => new RandomPosterize(arguments));

    protected override void ApplyToUnit(Span<float> values, ImageDomain domain, ref RandomStream random)
    {
        int mask = 0xFF & (-1 << (8 - _bits.DrawInteger(ref random)));
        for (int i = 0; i < values.Length; i++)
            values[i] = ((int)((values[i] * 255) + 0.5f) & mask) * (1f / 255);
    }
}
