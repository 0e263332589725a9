using Kindling.Data.Images;
using Kindling.Numerics;

namespace Kindling.Data;

/// <summary>
/// A labelled set that needs no files: ten classes of shapes in any colour, size, place and rotation, on plain, graded or patterned grounds, among clutter
/// and noise, with smooth edges. Image i is the same on every call and for every thread. Colour, place and brightness tell nothing about the class, so a
/// linear classifier on pixels stays near chance.
/// </summary>
public sealed class SyntheticShapes : ImageDataset
{
    private readonly long _seed;
    private readonly int _size;

    /// <summary>Describes the set; images are drawn when loaded.</summary>
    /// <param name="count">Images, at least one a class; the classes take turns.</param>
    /// <param name="seed">Another seed gives other images of the same kind.</param>
    /// <param name="size">Side of the square images in pixels, at least 16.</param>
    public SyntheticShapes(int count, long seed, int size = 96)
        : base($"synthetic shapes (seed {seed})", [.. Shapes.All.Select(s => s.Name)])
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, Shapes.All.Count);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 16);
        Count = count;
        _seed = seed;
        _size = size;
    }

    /// <inheritdoc/>
    public override int Count { get; }

    /// <inheritdoc/>
    public override int Label(int index)
    {
        CheckIndex(index);
        return index % ClassNames.Count;
    }

    /// <inheritdoc/>
    public override string FileName(int index) => $"{ClassNames[Label(index)]}/{index:D6}";

    /// <inheritdoc/>
    public override Image Load(int index, int channels = 3)
    {
        var random = new RandomStream(_seed, index);
        Image image = new ShapePainter(_size, random).Paint(Shapes.All[Label(index)]);
        return ImageDecoder.ToChannels(image.Pixels, image.Height, image.Width, 3, channels);
    }

    private void CheckIndex(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
    }
}
