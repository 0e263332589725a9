using Kindling.Numerics;

namespace Kindling.Data.Augmentation;

/// <summary>One configured function. Steps are shared by threads and hold no state.</summary>
internal abstract class AugmentationStep
{
    /// <summary>The share of images altered.</summary>
    public float ChangeRate { get; set; } = 1;
}

/// <summary>A step that only moves pixels; neighbours are combined and resampled once.</summary>
internal abstract class GeometricAugmentation : AugmentationStep
{
    /// <summary>How positions between and beyond pixels are read; null when the step never meets any (a flip).</summary>
    public WarpOptions? Options { get; protected init; }

    /// <summary>Draws the map from positions of the output to positions of the input.</summary>
    public abstract AffineTransform Draw(ref RandomStream random, int height, int width);
}

/// <summary>A step that changes values in place.</summary>
internal abstract class PixelAugmentation : AugmentationStep
{
    /// <summary>Alters <paramref name="values"/>, [Height, Width, Channels] in rescaled units.</summary>
    /// <param name="values">The image.</param>
    /// <param name="domain">Its shape and the range of its values.</param>
    /// <param name="key">What the random numbers depend on.</param>
    /// <param name="random">The image's own random numbers.</param>
    /// <param name="batch">Random numbers that are the same for every image of a batch.</param>
    public abstract void Apply(Span<float> values, ImageDomain domain, in AugmentationKey key, ref RandomStream random, ref RandomStream batch);
}
