using System.Buffers.Binary;
using System.Text;
using Kindling.Data.Images;
using Kindling.Tests;

namespace Kindling.Data.Tests;

public sealed class ImageDecoderTests
{
    public static TheoryData<string> Formats => ["jpeg", "png", "webp", "bmp", "ppm"];

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(7, 5, 3)]
    [InlineData(33, 64, 1)]
    [InlineData(40, 31, 3)]
    public void Png_written_is_read_back_equal(int height, int width, int channels)
    {
        Image image = TestImages.Picture(height, width, channels);

        Image back = ImageDecoder.Decode(PngEncoder.Encode(image), "a.png", channels);

        Assert.Equal((height, width, channels), (back.Height, back.Width, back.Channels));
        Assert.Equal(image.Pixels, back.Pixels);
    }

    [Fact]
    public void Png_transparency_is_dropped_and_not_blended()
    {
        byte[] file = TestImages.Png(1, 2, depth: 8, colorType: 6, [10, 20, 30, 0, 200, 100, 50, 128]);
        Assert.Equal([10, 20, 30, 200, 100, 50], ImageDecoder.Decode(file, "a.png").Pixels);
    }

    [Fact]
    public void Png_of_16_bits_keeps_its_upper_8()
    {
        byte[] file = TestImages.Png(1, 3, depth: 16, colorType: 0, [0, 0, 0x80, 0x80, 0xFF, 0xFF]);
        Assert.Equal([0, 128, 255], ImageDecoder.Decode(file, "a.png", 1).Pixels);
    }

    [Fact]
    public void Gray_pictures_get_three_equal_channels_and_colour_its_luma()
    {
        byte[] gray = TestImages.Png(1, 1, 8, 0, [77]);
        byte[] colour = TestImages.Png(1, 3, 8, 2, [255, 0, 0, 0, 255, 0, 0, 0, 255]);

        Assert.Equal([77, 77, 77], ImageDecoder.Decode(gray, "a.png", 3).Pixels);
        Assert.Equal([76, 150, 29], ImageDecoder.Decode(colour, "a.png", 1).Pixels);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Bmp_is_read_in_either_row_order(bool topDown)
    {
        Image image = TestImages.Picture(5, 7);
        Assert.Equal(image.Pixels, ImageDecoder.Decode(TestImages.Bmp24(image, topDown), "a.bmp").Pixels);
    }

    [Fact]
    public void Bmp_palette_is_looked_up()
    {
        byte[] file = TestImages.BmpPalette(new[,] { { 0, 1, 2 }, { 3, 2, 0 } });
        Assert.Equal([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 0, 0, 255, 255, 0, 0], ImageDecoder.Decode(file, "a.bmp").Pixels);
    }

    [Fact]
    public void Bmp_pixel_outside_its_palette_is_a_fault()
    {
        byte[] file = TestImages.BmpPalette(new[,] { { 9 } });
        AssertFault(file, "colour 9 of a palette of 4");
    }

    [Fact]
    public void Pnm_headers_may_hold_comments_and_other_ranges()
    {
        byte[] gray = [.. "P5 # made by hand\n# second\n3 1\n15\n"u8, 0, 5, 15];
        byte[] wide = [.. "P6\n1 1\n65535\n"u8, 0xFF, 0xFF, 0x80, 0x00, 0, 0];

        Assert.Equal([0, 85, 255], ImageDecoder.Decode(gray, "a.pgm", 1).Pixels);
        Assert.Equal([255, 128, 0], ImageDecoder.Decode(wide, "a.ppm", 3).Pixels);
    }

    [Fact]
    public void Webp_without_loss_is_read_equal()
    {
        Image image = TestImages.Picture(19, 23);
        Assert.Equal(image.Pixels, ImageDecoder.Decode(TestImages.WebpLossless(image), "a.webp").Pixels);
    }

    [Fact]
    public void Jpeg_is_read_close_to_what_was_written()
    {
        Image image = TestImages.Picture(48, 40);

        Image back = ImageDecoder.Decode(TestImages.Jpeg(image), "a.jpg");

        Assert.Equal((48, 40), (back.Height, back.Width));
        Assert.True(MeanDifference(image.Pixels, back.Pixels) < 4);
    }

    [Fact]
    public void Jpeg_in_printing_colours_becomes_rgb()
    {
        byte[] pixels = ImageDecoder.Decode(TestImages.JpegCmyk([200, 100, 50, 128], 16, 16), "a.jpg").Pixels;
        Assert.InRange(pixels[0], 98, 103);
        Assert.InRange(pixels[1], 47, 53);
        Assert.InRange(pixels[2], 22, 28);
    }

    [Fact]
    public void Gray_from_a_jpeg_is_its_own_luma()
    {
        Image gray = TestImages.Picture(24, 24, 1);
        byte[] file = TestImages.Jpeg(gray);

        byte[] asGray = ImageDecoder.Decode(file, "a.jpg", 1).Pixels;
        byte[] asColour = ImageDecoder.Decode(file, "a.jpg", 3).Pixels;

        Assert.Equal(asGray, asColour.Where((_, i) => i % 3 == 0));
        Assert.True(MeanDifference(gray.Pixels, asGray) < 4);
    }

    [Fact]
    public void A_real_photo_has_the_size_its_header_says()
    {
        using ImageDataset flowers = ImageDataset.Open(SharedData.Require("flowers/flower_photos_256.zip"));

        Image photo = flowers.Load(0);

        Assert.Equal("daisy/100080576_f52e8ee070_n.jpg", flowers.FileName(0));
        Assert.Equal(3, photo.Channels);
        Assert.InRange(Math.Min(photo.Height, photo.Width), 100, 256);
        Assert.True(photo.Pixels.Distinct().Count() > 100);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_file_cut_in_half_is_a_fault_that_names_it(string format)
    {
        byte[] file = Encode(format, TestImages.Picture(64, 64));

        var fault = Assert.Throws<KindlingException>(() => ImageDecoder.Decode(file.AsSpan(0, file.Length / 2), "roses/half.img"));

        Assert.StartsWith("Cannot read image 'roses/half.img': ", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Damage_anywhere_gives_an_image_or_a_fault_and_nothing_else(string format)
    {
        byte[] file = Encode(format, TestImages.Picture(24, 20));
        for (int length = 0; length < file.Length; length++)
            DecodeOrFault(file[..length]);
        var random = new Random(3);
        for (int n = 0; n < 2000; n++)
        {
            byte[] damaged = [.. file];
            for (int k = 0; k <= n % 3; k++)
                damaged[random.Next(random.Next(2) == 0 ? Math.Min(64, file.Length) : file.Length)] = (byte)random.Next(256);
            DecodeOrFault(damaged);
        }
    }

    [Fact]
    public void Sizes_above_the_limit_are_refused_before_memory_is_taken()
    {
        byte[] png = TestImages.Png(1, 1, 8, 0, [0]);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), 30000);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), 30000);
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), TestImages.Crc32(png.AsSpan(12, 17)));

        AssertFault(png, "30000 x 30000 pixels, at most 100 megapixels");
        AssertFault([.. "P6\n100000 100000\n255\n"u8], "100000 x 100000 pixels, at most 100 megapixels");
        byte[] bmp = TestImages.Bmp24(TestImages.Picture(1, 1));
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(18), int.MaxValue);
        AssertFault(bmp, "at most 100 megapixels");
    }

    [Fact]
    public void What_is_no_image_is_named_so()
    {
        AssertFault([], "the file is empty");
        AssertFault("GIF89a"u8.ToArray(), "GIF images are not supported");
        AssertFault(Encoding.UTF8.GetBytes("<html>not found</html>"), "not a JPEG, PNG, WebP, BMP or PNM");
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        var fault = Assert.Throws<KindlingException>(() => ImageDecoder.DecodeFile("no/such/photo.jpg"));
        Assert.Contains("no/such/photo.jpg", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_library_names_its_package()
    {
        var fault = NativeLibraries.Missing("a.jpg", "JPEG", "libturbojpeg0", new DllNotFoundException());
        Assert.Contains("apt-get install libturbojpeg0", fault.Message, StringComparison.Ordinal);
    }

    private static byte[] Encode(string format, Image image) => format switch
    {
        "jpeg" => TestImages.Jpeg(image),
        "png" => PngEncoder.Encode(image),
        "webp" => TestImages.WebpLossless(image),
        "bmp" => TestImages.Bmp24(image),
        _ => [.. Encoding.ASCII.GetBytes($"P6\n{image.Width} {image.Height}\n255\n"), .. image.Pixels],
    };

    private static void DecodeOrFault(byte[] file)
    {
        try
        {
            _ = ImageDecoder.Decode(file, "damaged");
        }
        catch (KindlingException e)
        {
            Assert.Contains("damaged", e.Message, StringComparison.Ordinal);
        }
    }

    private static void AssertFault(byte[] file, string expected)
    {
        var fault = Assert.Throws<KindlingException>(() => ImageDecoder.Decode(file, "x/y.img"));
        Assert.Contains("x/y.img", fault.Message, StringComparison.Ordinal);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    private static double MeanDifference(byte[] a, byte[] b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Average();
}
