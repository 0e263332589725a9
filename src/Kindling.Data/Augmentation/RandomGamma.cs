using System.Runtime.Intrinsics;
using Kindling.Numerics;

namespace Kindling.Data.Augmentation;

/// <summary>Raises colours from 0 to 1 to a power.</summary>
internal sealed class RandomGamma : ColorAugmentation
{
    private static readonly AugmentationParameter Gamma =
        new("gamma", AugmentationParameterKind.Range, "The power: 1 changes nothing, above 1 darkens, below 1 brightens; one number is that very power.")
        {
            Required = true,
            Example = new[] { 0.4, 2.5 },
            Minimum = 0.01,
            Maximum = 100,
            Scalar = ScalarMeaning.Exactly,
        };

    private readonly ValueRange _gamma;

    private RandomGamma(AugmentationArguments arguments) => _gamma = arguments.Range(Gamma);

    public static AugmentationFunction Function { get; } =
        new("random_gamma", "Raises colours from 0 (black) to 1 (white) to a power.", 1, [Gamma], arguments => new RandomGamma(arguments));

    protected override void ApplyToUnit(Span<float> values, ImageDomain domain, ref RandomStream random)
    {
        float gamma = _gamma.Draw(ref random);
        if (gamma == 1)
            return;
        int i = 0;
        for (; i <= values.Length - 4; i += 4)
            Power(Vector128.Create<float>(values[i..]), gamma).CopyTo(values[i..]);
        for (; i < values.Length; i++)
            values[i] = Power(Vector128.Create(values[i]), gamma)[0];
    }

    /// <summary>exp(gamma ln v); black stays black.</summary>
    private static Vector128<float> Power(Vector128<float> v, float gamma) =>
        Vector128.ConditionalSelect(Vector128.GreaterThan(v, Vector128.Create(1e-30f)), Vector128.Exp(Vector128.Log(v) * gamma), Vector128<float>.Zero);
}
