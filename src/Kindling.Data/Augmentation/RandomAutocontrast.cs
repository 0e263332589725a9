using Kindling.Numerics;

namespace Kindling.Data.Augmentation;

/// <summary>Stretches each channel over the whole range.</summary>
internal sealed class RandomAutocontrast : ColorAugmentation
{
    private static readonly AugmentationParameter Cutoff =
        new("cutoff", AugmentationParameterKind.Number, "Percentage of the darkest and of the brightest pixels that are left out of account.")
        {
            Default = 10,
            Minimum = 0,
            Maximum = 49,
        };

    private readonly float _cutoff;

    private RandomAutocontrast(AugmentationArguments arguments) => _cutoff = arguments.Number(Cutoff);

    public static AugmentationFunction Function { get; } =
        new("random_autocontrast", "Stretches each channel over the whole range.", 0.25, [Cutoff], arguments => new RandomAutocontrast(arguments));

    protected override void ApplyToUnit(Span<float> values, ImageDomain domain, ref RandomStream random)
    {
        Span<int> counts = stackalloc int[Histogram.Levels];
        Span<float> factors = [1, 1, 1], summands = [0, 0, 0];
        int cut = (int)(values.Length / domain.Channels * _cutoff / 100);
        for (int c = 0; c < domain.Channels; c++)
        {
            Histogram.Count(values, c, domain.Channels, counts);
            (int low, int high) = (0, Histogram.Levels - 1);
            for (int left = cut; low < high && (counts[low] == 0 || left >= counts[low]); low++)
                left -= counts[low];
            for (int left = cut; low < high && (counts[high] == 0 || left >= counts[high]); high--)
                left -= counts[high];
            if (low >= high)
                continue;
            factors[c] = 255f / (high - low);
            summands[c] = -(float)low / (high - low);
        }

        domain.Rescale(values, factors, summands, ImageDomain.Zeros, ImageDomain.Ones);
    }
}
