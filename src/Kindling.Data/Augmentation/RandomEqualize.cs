using Kindling.Numerics;

namespace Kindling.Data.Augmentation;

/// <summary>Spreads the levels of each channel so that all occur about equally often.</summary>
internal sealed class RandomEqualize : ColorAugmentation
{
    public static AugmentationFunction Function { get; } =
        new("random_equalize", "Equalizes the histogram of each channel.", 0.25, [], _ => new RandomEqualize());

    protected override void ApplyToUnit(Span<float> values, ImageDomain domain, ref RandomStream random)
    {
        Span<int> counts = stackalloc int[Histogram.Levels];
        Span<float> table = stackalloc float[Histogram.Levels];
        for (int c = 0; c < domain.Channels; c++)
        {
            Histogram.Count(values, c, domain.Channels, counts);
            int highest = counts.LastIndexOfAnyExcept(0);
            // Pixels a level should hold when all but the highest occupied one share 255 levels.
            int step = ((values.Length / domain.Channels) - counts[highest]) / 255;
            if (step == 0)
                continue;
            for (int level = 0, below = step / 2; level < Histogram.Levels; below += counts[level++])
                table[level] = Math.Min(below / step, 255) / 255f;
            for (int i = c; i < values.Length; i += domain.Channels)
                values[i] = table[Histogram.Level(values[i])];
        }
    }
}
