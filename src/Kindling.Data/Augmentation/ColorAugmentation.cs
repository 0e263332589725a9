using Kindling.Numerics;

namespace Kindling.Data.Augmentation;

/// <summary>A step on colours from 0 (black) to 1 (white), whatever the network's scale and offset; values beyond are clipped first.</summary>
internal abstract class ColorAugmentation : PixelAugmentation
{
    public sealed override void Apply(Span<float> values, ImageDomain domain, in AugmentationKey key, ref RandomStream random, ref RandomStream batch)
    {
        domain.Rescale(values, domain.ToUnitFactors, domain.ToUnitSummands, ImageDomain.Zeros, ImageDomain.Ones);
        ApplyToUnit(values, domain, ref random);
        domain.Rescale(values, domain.FromUnitFactors, domain.FromUnitSummands, domain.Low, domain.High);
    }

    /// <summary>Alters colours from 0 to 1, [Height, Width, Channels] in the network's channel order.</summary>
    protected abstract void ApplyToUnit(Span<float> values, ImageDomain domain, ref RandomStream random);
}
