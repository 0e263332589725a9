using System.Numerics;
using Kindling.Numerics;

namespace Kindling.Data.Augmentation;

/// <summary>Exchanges dark and bright among the bright values.</summary>
internal sealed class RandomSolarize : ColorAugmentation
{
    /// <summary>Between 127 and 128.</summary>
    private const float Threshold = 127.5f / 255;

    public static AugmentationFunction Function { get; } =
        new("random_solarize", "Turns every value p of 128 and more into 255 - p.", 0.25, [], _ => new RandomSolarize());

    protected override void ApplyToUnit(Span<float> values, ImageDomain domain, ref RandomStream random)
    {
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var v = new Vector<float>(values[i..]);
            Vector.ConditionalSelect(Vector.GreaterThanOrEqual(v, new Vector<float>(Threshold)), Vector<float>.One - v, v).CopyTo(values[i..]);
        }

        for (; i < values.Length; i++)
            values[i] = values[i] >= Threshold ? 1 - values[i] : values[i];
    }
}
