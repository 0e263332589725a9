namespace Kindling.Data.Images;

/// <summary>What is refused before memory is taken for it.</summary>
public static class ImageLimits
{
    /// <summary>The most pixels (height * width) a photo may have: 100 million.</summary>
    public const long MaximumPixels = 100_000_000;

    /// <summary>The most bytes an image file may have: 512 MiB.</summary>
    public const long MaximumFileBytes = 512L << 20;

    /// <summary>Throws unless an image of this size may be decoded.</summary>
    internal static void Check(string name, string format, long height, long width)
    {
        if (height < 1 || width < 1)
            throw ImageDecoder.Unreadable(name, $"the {format} header says {width} x {height} pixels");
        if (height > MaximumPixels || width > MaximumPixels || height * width > MaximumPixels)
            throw ImageDecoder.Unreadable(name, $"the {format} header says {width} x {height} pixels, at most {MaximumPixels / 1_000_000} megapixels are read");
    }
}
