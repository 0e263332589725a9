namespace Kindling.Graphs;

/// <summary>The channels a network expects, in their order.</summary>
public enum ColorMode
{
    /// <summary>Red, green, blue.</summary>
    Rgb,

    /// <summary>Blue, green, red (networks of Caffe origin).</summary>
    Bgr,

    /// <summary>One channel of luma.</summary>
    Grayscale,
}

/// <summary>How a photo's pixels are resampled to the network's input size.</summary>
public enum Interpolation
{
    /// <summary>The nearest pixel, half-pixel centres: index = min(floor((i + 0.5) * in / out), in - 1).</summary>
    Nearest,

    /// <summary>Bilinear with half-pixel centres and without antialiasing.</summary>
    Bilinear,

    /// <summary>Bicubic (Keys, a = -0.5) with half-pixel centres.</summary>
    Bicubic,

    /// <summary>The mean over the covered source area.</summary>
    Area,

    /// <summary>Lanczos-windowed sinc of radius 3, half-pixel centres, without antialiasing.</summary>
    Lanczos3,

    /// <summary>Lanczos-windowed sinc of radius 5, half-pixel centres, without antialiasing.</summary>
    Lanczos5,

    /// <summary>Gaussian of standard deviation 0.5 cut at radius 1.5, half-pixel centres, without antialiasing.</summary>
    Gaussian,

    /// <summary>The cubic of Mitchell and Netravali (B = C = 1/3), half-pixel centres, without antialiasing.</summary>
    MitchellCubic,
}

/// <summary>What happens to a photo whose sides have another ratio than the network's input.</summary>
public enum AspectRatio
{
    /// <summary>Squeezed or stretched to the input size.</summary>
    Fit,

    /// <summary>Scaled until it covers the input, then cut at the centre.</summary>
    Crop,

    /// <summary>Scaled until it fits inside the input, then padded with zeros around the centre.</summary>
    Padding,
}

/// <summary>What is done to all values of a photo together, after scale and offset.</summary>
public enum Standardization
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>
    /// Every photo gets mean 0 and standard deviation 1 over all pixels and channels of the resized photo (see <see cref="Execution.PhotoStandardization"/>). An int8 network
    /// then takes quantized values, not raw pixels: whoever feeds it standardises first.
    /// </summary>
    PerImage,
}

/// <summary>
/// How a photo becomes the network's input: resized to <paramref name="Height"/> x <paramref name="Width"/>, channels in the order of
/// <paramref name="Color"/>, then <c>value = Scale[c] * pixel + Offset[c]</c> with pixels from 0 to 255. Travels with the graph and inside every file.
/// </summary>
/// <param name="Height">Input rows in pixels.</param>
/// <param name="Width">Input columns in pixels.</param>
/// <param name="Color">Channels and their order.</param>
/// <param name="Scale">One factor for all channels, or one a channel.</param>
/// <param name="Offset">One summand for all channels, or one a channel.</param>
/// <param name="Interpolation">The resampling filter.</param>
/// <param name="AspectRatio">How a different aspect ratio is handled.</param>
/// <param name="Standardization">What follows scale and offset.</param>
public sealed record Preprocessing(
    int Height,
    int Width,
    ColorMode Color,
    IReadOnlyList<float> Scale,
    IReadOnlyList<float> Offset,
    Interpolation Interpolation = Interpolation.Bilinear,
    AspectRatio AspectRatio = AspectRatio.Fit,
    Standardization Standardization = Standardization.None)
{
    /// <summary>
    /// With <see cref="AspectRatio.Crop"/>: the photo's shorter side is brought to this many pixels before the centre is cut out, as ImageNet's networks are
    /// measured (256 for 224); at least the input's size. Null cuts the largest part that has the input's ratio.
    /// </summary>
    public int? ShorterSide { get; init; }

    /// <summary>Channels of the input: 1 for grayscale, otherwise 3.</summary>
    public int Channels => Color == ColorMode.Grayscale ? 1 : 3;

    /// <summary>The factor of channel <paramref name="channel"/>.</summary>
    public float ScaleOf(int channel) => Scale[Scale.Count == 1 ? 0 : channel];

    /// <summary>The summand of channel <paramref name="channel"/>.</summary>
    public float OffsetOf(int channel) => Offset[Offset.Count == 1 ? 0 : channel];

    /// <inheritdoc/>
    public bool Equals(Preprocessing? other) =>
        other is not null && Height == other.Height && Width == other.Width && Color == other.Color
        && Interpolation == other.Interpolation && AspectRatio == other.AspectRatio && Standardization == other.Standardization
        && ShorterSide == other.ShorterSide
        && Scale.SequenceEqual(other.Scale) && Offset.SequenceEqual(other.Offset);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Height, Width, Color, Interpolation, AspectRatio, ScaleOf(0), OffsetOf(0));
}
