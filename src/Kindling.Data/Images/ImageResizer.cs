using Kindling.Graphs;

namespace Kindling.Data.Images;

/// <summary>
/// Resamples images with TensorFlow's conventions: half-pixel centres, no antialiasing (but <see cref="Interpolation.Area"/> averages). Computed in
/// float32 and rounded half to even to bytes, so that training, float evaluation and int8 evaluation see the same pixels.
/// </summary>
public static class ImageResizer
{
    /// <summary>Resizes <paramref name="source"/> to <paramref name="height"/> x <paramref name="width"/>.</summary>
    /// <param name="source">The image, whose channels are kept.</param>
    /// <param name="height">Rows of the result.</param>
    /// <param name="width">Columns of the result.</param>
    /// <param name="interpolation">The resampling filter.</param>
    /// <param name="aspectRatio">What happens when the sides have another ratio.</param>
    public static Image Resize(
        Image source, int height, int width, Interpolation interpolation = Interpolation.Bilinear, AspectRatio aspectRatio = AspectRatio.Fit)
    {
        var result = new Image(height, width, source.Channels);
        Resize(source, height, width, interpolation, aspectRatio, result.Pixels);
        return result;
    }

    /// <summary>Resizes into <paramref name="destination"/>, height * width * channels bytes.</summary>
    internal static void Resize(Image source, int height, int width, Interpolation interpolation, AspectRatio aspectRatio, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (destination.Length != height * width * source.Channels)
            throw new ArgumentException($"The destination needs {height * width * source.Channels} bytes, got {destination.Length}.", nameof(destination));
        var from = new PixelArea(0, 0, source.Height, source.Width);
        var to = new PixelArea(0, 0, height, width);
        switch (aspectRatio)
        {
            case AspectRatio.Crop:
                from = Crop(source, height, width);
                break;
            case AspectRatio.Padding:
                to = Inside(source, height, width);
                destination.Clear();
                break;
            default:
                break;
        }

        int stride = width * source.Channels;
        if (interpolation == Interpolation.Nearest)
            NearestResampler.Resample(source, from, destination, to, stride);
        else
            SeparableResampler.Resample(source, from, destination, to, stride, Filter(interpolation));
    }

    private static Func<int, int, FilterTaps> Filter(Interpolation interpolation) => interpolation switch
    {
        Interpolation.Bilinear => FilterTaps.Bilinear,
        Interpolation.Bicubic => FilterTaps.Bicubic,
        Interpolation.Area => FilterTaps.Area,
        Interpolation.Lanczos3 => (from, to) => FilterTaps.Lanczos(from, to, 3),
        Interpolation.Lanczos5 => (from, to) => FilterTaps.Lanczos(from, to, 5),
        Interpolation.Gaussian => FilterTaps.Gaussian,
        Interpolation.MitchellCubic => FilterTaps.MitchellCubic,
        _ => throw new ArgumentOutOfRangeException(nameof(interpolation), interpolation, "Unknown interpolation."),
    };

    /// <summary>The largest centred part of the source with the target's ratio.</summary>
    private static PixelArea Crop(Image source, int height, int width)
    {
        int cropHeight = Math.Clamp((int)((long)source.Width * height / width), 1, source.Height);
        int cropWidth = Math.Clamp((int)((long)source.Height * width / height), 1, source.Width);
        return new PixelArea((source.Height - cropHeight) / 2, (source.Width - cropWidth) / 2, cropHeight, cropWidth);
    }

    /// <summary>The largest centred part of the target with the source's ratio.</summary>
    private static PixelArea Inside(Image source, int height, int width)
    {
        int innerHeight = Math.Clamp((int)((long)source.Height * width / source.Width), 1, height);
        int innerWidth = Math.Clamp((int)((long)source.Width * height / source.Height), 1, width);
        return new PixelArea((height - innerHeight) / 2, (width - innerWidth) / 2, innerHeight, innerWidth);
    }
}
