using Kindling.Graphs;

namespace Kindling.Data.Images;

/// <summary>ImageNet's usual preparation: the whole photo is resized so that its shorter side has a given length, then the centre is cut out.</summary>
internal static class CenterCrop
{
    /// <summary>Writes the centre, <c>height * width * channels</c> bytes.</summary>
    /// <param name="source">The photo.</param>
    /// <param name="shorterSide">Pixels of the shorter side of the resized photo, at least <paramref name="height"/> and <paramref name="width"/>.</param>
    /// <param name="height">Rows of the result.</param>
    /// <param name="width">Columns of the result.</param>
    /// <param name="interpolation">The resampling filter.</param>
    /// <param name="destination">The result.</param>
    public static void Cut(Image source, int shorterSide, int height, int width, Interpolation interpolation, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shorterSide, Math.Max(height, width));
        var shorter = Math.Min(source.Height, source.Width);
        // The longer side is rounded down, as PyTorch's transforms do it.
        var image = shorter == shorterSide
            ? source
            : ImageResizer.Resize(source, Side(source.Height), Side(source.Width), interpolation);
        var top = (image.Height - height) / 2;
        var left = (image.Width - width) / 2;
        var row = width * image.Channels;
        for (var y = 0; y < height; y++)
            image.Pixels.AsSpan((((top + y) * image.Width) + left) * image.Channels, row).CopyTo(destination[(y * row)..]);

        int Side(int side) => (int)((long)side * shorterSide / shorter);
    }
}
