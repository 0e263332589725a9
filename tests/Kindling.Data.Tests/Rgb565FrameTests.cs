using Kindling.Data.Images;
using Kindling.Graphs;
using Kindling.Numerics;

namespace Kindling.Data.Tests;

/// <summary>A camera's frame goes the way of every photo.</summary>
public sealed class Rgb565FrameTests
{
    [Fact]
    public void Every_pixel_widens_to_a_colour_that_packs_to_the_same_pixel()
    {
        for (var pixel = 0; pixel <= ushort.MaxValue; pixel++)
        {
            var (red, green, blue) = Rgb565.Unpack((ushort)pixel);
            Assert.Equal(pixel, Rgb565.Pack(red, green, blue));
        }

        Assert.Equal(((byte)0, (byte)0, (byte)0), Rgb565.Unpack(0));
        Assert.Equal(((byte)255, (byte)255, (byte)255), Rgb565.Unpack(0xFFFF));
        Assert.Equal(((byte)132, (byte)130, (byte)132), Rgb565.Unpack(0x8410));
    }

    [Theory]
    [InlineData(ColorMode.Rgb, Interpolation.Bilinear, AspectRatio.Fit, null)]
    [InlineData(ColorMode.Bgr, Interpolation.Nearest, AspectRatio.Crop, null)]
    [InlineData(ColorMode.Grayscale, Interpolation.Bilinear, AspectRatio.Padding, null)]
    [InlineData(ColorMode.Grayscale, Interpolation.Nearest, AspectRatio.Fit, null)]
    [InlineData(ColorMode.Rgb, Interpolation.Bilinear, AspectRatio.Crop, 24)]
    public void A_frame_gives_the_pixels_of_the_photo_with_the_same_colours(ColorMode color, Interpolation interpolation, AspectRatio aspect, int? side)
    {
        var preprocessing = new Preprocessing(17, 19, color, [1], [0], interpolation, aspect) { ShorterSide = side };
        var random = new RandomStream(3);
        const int Width = 40, Height = 31, Stride = 84;
        var photo = new Image(Height, Width, 3);
        var (little, big) = (new byte[Stride * Height], new byte[Stride * Height]);
        for (var i = 0; i < Width * Height; i++)
        {
            var pixel = (ushort)random.NextUInt64();
            (photo.Pixels[3 * i], photo.Pixels[(3 * i) + 1], photo.Pixels[(3 * i) + 2]) = Rgb565.Unpack(pixel);
            var at = (i / Width * Stride) + (i % Width * 2);
            (little[at], little[at + 1], big[at], big[at + 1]) = ((byte)pixel, (byte)(pixel >> 8), (byte)(pixel >> 8), (byte)pixel);
        }

        // The photo comes out of a file, as in training; a gray network's photo is made gray by the decoder.
        var expected = Prepared(ImageDecoder.Decode(PngEncoder.Encode(photo), "photo.png", preprocessing.Channels), preprocessing);

        Assert.Equal(expected, Prepared(new Rgb565Frame(Width, Height, little, Stride).ToImage(preprocessing.Channels), preprocessing));
        Assert.Equal(expected, Prepared(new Rgb565Frame(Width, Height, big, Stride, isBigEndian: true).ToImage(preprocessing.Channels), preprocessing));
    }

    [Fact]
    public void Frames_that_do_not_fit_their_array_are_refused()
    {
        Assert.Contains("needs 38 bytes, got 37", Assert.Throws<ArgumentException>(() => new Rgb565Frame(4, 3, new byte[37], 15)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Rgb565Frame(4, 3, new byte[100], 7));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Rgb565Frame(0, 3, []));
    }

    private static byte[] Prepared(Image image, Preprocessing preprocessing)
    {
        var pixels = new byte[preprocessing.PixelCount()];
        ImagePreprocessor.ToPixels(image, preprocessing, pixels);
        return pixels;
    }
}
