using Kindling.Graphs;

namespace Kindling.Zoo;

/// <summary>What tells one network of the EfficientNet kind from another.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Width">Factor of all widths, which are rounded to multiples of 8.</param>
/// <param name="Depth">Factor of the repeats of every stage, rounded up.</param>
/// <param name="Expansion">How much wider a block is inside; the blocks of the first stage do not expand.</param>
/// <param name="HasBias">True gives the convolutions before a batch normalization a bias.</param>
/// <param name="Activate">The activation: builder, input, name.</param>
/// <param name="Gate">What makes the factors of squeeze-and-excite: builder, input, name of the block.</param>
internal sealed record EfficientNetDesign(
    string Name, double Width, double Depth, int Expansion, bool HasBias,
    Func<GraphBuilder, Value, string, Value> Activate, Func<GraphBuilder, Value, string, Value> Gate)
{
    /// <summary>Width times a number of filters, to the nearest multiple of 8 that is at least 8 and at least 90 %.</summary>
    public int Filters(int filters)
    {
        var exact = filters * Width;
        var rounded = Math.Max(8, (int)(exact + 4) / 8 * 8);
        return rounded < 0.9 * exact ? rounded + 8 : rounded;
    }

    /// <summary>Depth times a number of blocks, rounded up.</summary>
    public int Repeats(int blocks) => (int)Math.Ceiling(blocks * Depth);
}
