using Kindling.Data.Augmentation;
using Kindling.Data.Images;
using Kindling.Graphs;

namespace Kindling.Data.Tests;

/// <summary>Each colour function against its definition, computed pixel by pixel in double precision.</summary>
public sealed class ColorAugmentationTests
{
    private const int Height = 19, Width = 23;
    private static readonly Preprocessing Rgb = new(Height, Width, ColorMode.Rgb, [1 / 127.5f], [-1]);
    private static readonly Preprocessing Bgr = Rgb with { Color = ColorMode.Bgr, Scale = [1 / 255f, 1 / 128f, -1 / 64f], Offset = [0, -1, 4] };

    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(2.2)]
    public void Gamma_is_a_power_of_the_colour_from_zero_to_one(double gamma) =>
        AssertEach("random_gamma", [("gamma", Fixed(gamma))], v => [.. v.Select(x => Math.Pow(x, gamma))]);

    [Fact]
    public void Invert_exchanges_dark_and_bright() => AssertEach("random_invert", [], v => [.. v.Select(x => 1 - x)]);

    [Fact]
    public void Solarize_exchanges_dark_and_bright_among_levels_of_128_and_more() =>
        AssertEach("random_solarize", [], v => [.. v.Select(x => Math.Round(x * 255) >= 128 ? 1 - x : x)]);

    [Theory]
    [InlineData(8)]
    [InlineData(3)]
    [InlineData(1)]
    public void Posterize_keeps_the_highest_bits(int bits) =>
        AssertEach("random_posterize", [("bits", bits)], v => [.. v.Select(x => ((int)Math.Round(x * 255) >> (8 - bits) << (8 - bits)) / 255.0)]);

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.3)]
    [InlineData(-0.45)]
    [InlineData(1.0)]
    public void Hue_turns_around_the_circle(double delta) => AssertEach("random_hue", [("delta", Fixed(delta))], v => Shift(v, delta, 0, 0));

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.25)]
    [InlineData(-0.6)]
    public void Saturation_is_added_to_and_clipped(double delta) => AssertEach("random_saturation", [("delta", Fixed(delta))], v => Shift(v, 0, delta, 0));

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.4)]
    [InlineData(-0.3)]
    public void Value_is_added_to_and_clipped(double delta) => AssertEach("random_value", [("delta", Fixed(delta))], v => Shift(v, 0, 0, delta));

    [Fact]
    public void Hsv_shifts_all_three() => AssertEach(
        "random_hsv", [("hue_delta", Fixed(0.2)), ("saturation_delta", Fixed(-0.1)), ("value_delta", Fixed(0.15))], v => Shift(v, 0.2, -0.1, 0.15));

    [Fact]
    public void Rgb_to_hsv_puts_hue_in_place_of_red_and_so_on() => AssertEach("random_rgb_to_hsv", [], v =>
    {
        (double h, double s, double value) = ToHsv(v);
        return [h, s, value];
    });

    [Fact]
    public void Rgb_to_grayscale_is_the_luma_in_all_channels() => AssertEach("random_rgb_to_grayscale", [], v =>
    {
        double luma = (0.299 * v[0]) + (0.587 * v[1]) + (0.114 * v[2]);
        return [luma, luma, luma];
    });

    [Fact]
    public void Equalize_makes_the_cumulated_histogram_straight()
    {
        // Levels 10, 11, 12 and 200, of 100 pixels each: 400 pixels, one step of the 255 is (400 - 100) / 255 = 1 pixel.
        var input = new Preprocessing(20, 20, ColorMode.Grayscale, [1], [0]);
        byte[] pixels = [.. Enumerable.Range(0, 400).Select(i => (byte)(i % 4 == 3 ? 200 : 10 + (i % 4)))];
        float[] equalized = new float[400];
        new AugmentationPipeline([Always("random_equalize")], input).Apply(pixels, new AugmentationKey(1, 0, 0), equalized);
        Assert.Equal([0, 100, 200, 255], equalized[..4].Select(v => MathF.Round(v, 3)));
    }

    [Fact]
    public void Equalize_leaves_an_image_of_one_colour_alone()
    {
        float[] values = Apply("random_equalize", [], [.. Enumerable.Repeat((byte)77, Height * Width * 3)], Rgb);
        Assert.All(values, v => Assert.Equal((77 / 127.5f) - 1, v, 1e-6f));
    }

    [Theory]
    [InlineData(0, 20, 219)]
    [InlineData(10, 40, 199)]
    public void Autocontrast_stretches_what_the_cutoff_leaves(double cutoff, int low, int high)
    {
        // 200 pixels of levels 20 to 219, each once a channel.
        var input = new Preprocessing(10, 20, ColorMode.Rgb, [1 / 255f], [0]);
        byte[] pixels = [.. Enumerable.Range(0, 600).Select(i => (byte)(20 + (i / 3)))];
        float[] stretched = new float[600];
        new AugmentationPipeline([Always("random_autocontrast", ("cutoff", cutoff))], input).Apply(pixels, new AugmentationKey(1, 0, 0), stretched);
        for (int i = 0; i < 600; i++)
            Assert.Equal(Math.Clamp((pixels[i] - low) / (double)(high - low), 0, 1), stretched[i], 1e-5);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2.5)]
    public void Sharpness_moves_between_the_smoothed_image_and_beyond_the_original(double factor)
    {
        byte[] pixels = TestImages.Picture(Height, Width).Pixels;

        float[] values = Apply("random_sharpness", [("factor", Fixed(factor))], pixels, Rgb);

        for (int y = 0; y < Height; y++)
        {
            for (int i = 0; i < Width * 3; i++)
            {
                double original = At(y, i), smooth = original;
                if (y > 0 && y < Height - 1 && i >= 3 && i < (Width - 1) * 3)
                {
                    smooth = 4 * original;
                    for (int n = 0; n < 9; n++)
                        smooth += At(y + (n / 3) - 1, i + (3 * ((n % 3) - 1)));
                    smooth /= 13;
                }

                Assert.Equal((Math.Clamp(smooth + (factor * (original - smooth)), 0, 255) / 127.5) - 1, values[(y * Width * 3) + i], 2e-5);
            }
        }

        double At(int y, int i) => pixels[(y * Width * 3) + i];
    }

    [Theory]
    [InlineData(1, "reflect")]
    [InlineData(3, "reflect")]
    [InlineData(4, "reflect")]
    [InlineData(5, "symmetric")]
    [InlineData(2, "symmetric")]
    [InlineData(3, "constant")]
    [InlineData(6, "constant")]
    public void Blur_is_the_mean_of_a_square(int size, string padding)
    {
        byte[] pixels = TestImages.Picture(Height, Width).Pixels;

        float[] values = Apply("random_blur", [("filter_size", size), ("padding", padding), ("constant_values", 0.5)], pixels, Rgb);

        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                double sum = 0;
                for (int dy = 0; dy < size; dy++)
                {
                    for (int dx = 0; dx < size; dx++)
                        sum += At(Beyond(y + dy - ((size - 1) / 2), Height), Beyond(x + dx - ((size - 1) / 2), Width));
                }

                Assert.Equal(sum / (size * size), values[((y * Width) + x) * 3], 1e-5);
            }
        }

        double At(int y, int x) => y < 0 || x < 0 ? 0.5 : (pixels[((y * Width) + x) * 3] / 127.5) - 1;

        int Beyond(int i, int length) => (uint)i < (uint)length ? i : padding switch
        {
            "constant" => -1,
            "reflect" => i < 0 ? -i : (2 * length) - 2 - i,
            _ => i < 0 ? -1 - i : (2 * length) - 1 - i,
        };
    }

    [Theory]
    [InlineData(10, 32, 48)]
    [InlineData(50, 32, 48)]
    [InlineData(90, 32, 48)]
    [InlineData(75, 27, 45)]
    public void Jpeg_quality_is_what_the_systems_own_codec_leaves(int quality, int height, int width)
    {
        Image image = TestImages.Picture(height, width);
        byte[] expected = ImageDecoder.Decode(TestImages.Jpeg(image, quality), "round trip").Pixels;
        var input = new Preprocessing(height, width, ColorMode.Rgb, [1], [0]);

        float[] values = Apply("random_jpeg_quality", [("jpeg_quality", quality)], image.Pixels, input);

        double difference = values.Zip(expected).Average(p => Math.Abs(p.First - p.Second)), loss = image.Pixels.Zip(expected).Average(p => Math.Abs(p.First - p.Second));
        // The codecs differ in the rounding of their integer transforms only; what JPEG itself loses is far more.
        Assert.InRange(difference, 0, Math.Min(0.9, loss / 2));
    }

    [Fact]
    public void Jpeg_quality_of_gray_images_has_no_colour_to_lose()
    {
        Image image = TestImages.Picture(21, 30, 1);
        byte[] expected = ImageDecoder.Decode(TestImages.Jpeg(image, 40), "round trip", channels: 1).Pixels;
        var input = new Preprocessing(21, 30, ColorMode.Grayscale, [1], [0]);
        float[] values = Apply("random_jpeg_quality", [("jpeg_quality", 40)], image.Pixels, input);
        Assert.InRange(values.Zip(expected).Average(p => Math.Abs(p.First - p.Second)), 0, 0.3);
    }

    [Theory]
    [InlineData("random_hue")]
    [InlineData("random_rgb_to_hsv")]
    [InlineData("random_rgb_to_grayscale")]
    public void Functions_of_colour_refuse_gray_inputs_by_name(string function)
    {
        AugmentationSpec spec = function == "random_hue" ? Always(function, ("delta", 0.1)) : Always(function);
        var fault = Assert.Throws<KindlingException>(() => new AugmentationPipeline([spec], new Preprocessing(8, 8, ColorMode.Grayscale, [1], [0])));
        Assert.Equal($"data_augmentation.{function}: needs red, green and blue; the network's input is grayscale", fault.Message);
    }

    /// <summary>Checks a function of single pixels, red, green and blue from 0 to 1, on both channel orders and scales.</summary>
    private static void AssertEach(string function, (string Key, object Value)[] arguments, Func<double[], double[]> expected)
    {
        foreach (Preprocessing input in (Preprocessing[])[Rgb, Bgr])
        {
            byte[] pixels = Colorful();
            float[] values = Apply(function, arguments, pixels, input);
            int red = input.Color == ColorMode.Bgr ? 2 : 0;
            for (int i = 0; i < pixels.Length; i += 3)
            {
                double[] color = expected([pixels[i + red] / 255.0, pixels[i + 1] / 255.0, pixels[i + 2 - red] / 255.0]);
                for (int c = 0; c < 3; c++)
                {
                    int channel = c == 1 ? 1 : c == 0 ? red : 2 - red;
                    Assert.Equal((color[c] * 255 * input.ScaleOf(channel)) + input.OffsetOf(channel), values[i + channel], 5e-5);
                }
            }
        }
    }

    /// <summary>Every kind of colour: noise, grays, black, white and pure colours.</summary>
    private static byte[] Colorful()
    {
        byte[] pixels = new byte[Height * Width * 3];
        new Random(3).NextBytes(pixels);
        byte[] special = [0, 0, 0, 255, 255, 255, 90, 90, 90, 255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0, 0, 255, 255, 255, 0, 255, 127, 128, 129, 1, 0, 0];
        special.CopyTo(pixels, 0);
        return pixels;
    }

    private static double[] Shift(double[] rgb, double hue, double saturation, double value)
    {
        (double h, double s, double v) = ToHsv(rgb);
        h = (h + hue) % 1;
        h = h < 0 ? h + 1 : h;
        // Gray has no hue, so there is nothing it could be saturated with.
        (s, v) = (s == 0 ? 0 : Math.Clamp(s + saturation, 0, 1), Math.Clamp(v + value, 0, 1));
        int sector = (int)Math.Floor(h * 6) % 6;
        double f = (h * 6) - Math.Floor(h * 6), p = v * (1 - s), q = v * (1 - (f * s)), t = v * (1 - ((1 - f) * s));
        return sector switch { 0 => [v, t, p], 1 => [q, v, p], 2 => [p, v, t], 3 => [p, q, v], 4 => [t, p, v], _ => [v, p, q] };
    }

    private static (double H, double S, double V) ToHsv(double[] rgb)
    {
        double max = rgb.Max(), min = rgb.Min(), chroma = max - min;
        double h = chroma == 0 ? 0
            : max == rgb[0] ? (rgb[1] - rgb[2]) / chroma
            : max == rgb[1] ? 2 + ((rgb[2] - rgb[0]) / chroma)
            : 4 + ((rgb[0] - rgb[1]) / chroma);
        return ((h < 0 ? h + 6 : h) / 6, max == 0 ? 0 : chroma / max, max);
    }

    private static float[] Apply(string function, (string Key, object Value)[] arguments, byte[] pixels, Preprocessing input)
    {
        float[] values = new float[pixels.Length];
        new AugmentationPipeline([Always(function, arguments)], input).Apply(pixels, new AugmentationKey(1, 0, 0), values);
        return values;
    }

    private static AugmentationSpec Always(string function, params (string Key, object Value)[] arguments)
    {
        var values = arguments.ToDictionary(a => a.Key, a => (object?)a.Value);
        values["change_rate"] = 1;
        return new AugmentationSpec(function, values);
    }

    private static double[] Fixed(double value) => [value, value];
}
