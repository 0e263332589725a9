using Kindling.Data.Images;
using Kindling.Graphs;

namespace Kindling.Data.Tests;

public sealed class ImageResizerTests
{
    [Theory]
    [InlineData(4, 2, new[] { 1, 3 })]
    [InlineData(2, 4, new[] { 0, 0, 1, 1 })]
    [InlineData(3, 5, new[] { 0, 0, 1, 2, 2 })]
    [InlineData(5, 3, new[] { 0, 2, 4 })]
    public void Nearest_takes_the_pixel_under_the_half_pixel_centre(int from, int to, int[] expected) =>
        Assert.Equal(expected, NearestResampler.Indices(from, to));

    [Fact]
    public void Bilinear_enlarges_with_half_pixel_centres() =>
        Assert.Equal([0, 25, 75, 100], Row([0, 100], 4, Interpolation.Bilinear));

    [Fact]
    public void Bilinear_shrinks_without_antialiasing() =>
        Assert.Equal([10, 200], Row([0, 10, 90, 100, 200, 255], 2, Interpolation.Bilinear));

    [Fact]
    public void Values_halfway_between_bytes_are_rounded_to_even()
    {
        Assert.Equal([0], Row([0, 1], 1, Interpolation.Bilinear));
        Assert.Equal([2], Row([1, 2], 1, Interpolation.Bilinear));
        Assert.Equal([2], Row([2, 3], 1, Interpolation.Bilinear));
    }

    [Fact]
    public void Bilinear_equals_the_formula_in_both_directions()
    {
        Image image = TestImages.Picture(37, 53);

        Image small = ImageResizer.Resize(image, 20, 31);

        for (int y = 0; y < 20; y++)
        {
            for (int x = 0; x < 31; x++)
            {
                for (int c = 0; c < 3; c++)
                    Assert.InRange(small[y, x, c] - Bilinear(image, ((y + 0.5) * 37 / 20) - 0.5, ((x + 0.5) * 53 / 31) - 0.5, c), -0.501, 0.501);
            }
        }
    }

    [Fact]
    public void Area_is_the_mean_of_what_is_covered()
    {
        Assert.Equal([15, 35], Row([10, 20, 30, 40], 2, Interpolation.Area));
        Assert.Equal([20, 70], Row([0, 60, 75], 2, Interpolation.Area));
        Assert.Equal([10, 10, 20, 20], Row([10, 20], 4, Interpolation.Area));
    }

    [Theory]
    [InlineData(Interpolation.Lanczos3, 7, 20)]
    [InlineData(Interpolation.Lanczos5, 24, 9)]
    [InlineData(Interpolation.Gaussian, 16, 16)]
    [InlineData(Interpolation.Gaussian, 9, 25)]
    [InlineData(Interpolation.MitchellCubic, 12, 31)]
    [InlineData(Interpolation.MitchellCubic, 31, 12)]
    public void Kernel_filters_are_the_normalised_sum_over_the_kernels_support(Interpolation interpolation, int from, int to)
    {
        double radius = interpolation switch { Interpolation.Lanczos3 => 3, Interpolation.Lanczos5 => 5, Interpolation.Gaussian => 1.5, _ => 2 };
        byte[] row = [.. Enumerable.Range(0, from).Select(i => (byte)(60 + (i * 37 % 120)))];

        byte[] resized = Row(row, to, interpolation);

        for (int x = 0; x < to; x++)
        {
            double centre = (x + 0.5) * from / to, sum = 0, weights = 0;
            for (int s = 0; s < from; s++)
            {
                double weight = Kernel(Math.Abs(s + 0.5 - centre));
                (sum, weights) = (sum + (weight * row[s]), weights + weight);
            }

            Assert.InRange(resized[x] - Math.Clamp(sum / weights, 0, 255), -0.501, 0.501);
        }

        double Kernel(double d) => d >= radius ? 0 : d == 0 ? (interpolation == Interpolation.MitchellCubic ? 16.0 / 18 : 1) : interpolation switch
        {
            Interpolation.Gaussian => Math.Exp(-d * d / (2 * 0.5 * 0.5)),
            Interpolation.MitchellCubic => d < 1
                ? ((21 * d * d * d) - (36 * d * d) + 16) / 18
                : ((-7 * d * d * d) + (36 * d * d) - (60 * d) + 32) / 18,
            _ => Math.Sin(Math.PI * d) / (Math.PI * d) * Math.Sin(Math.PI * d / radius) / (Math.PI * d / radius),
        };
    }

    [Fact]
    public void Bicubic_keeps_constants_and_straight_slopes()
    {
        Assert.Equal([9, 9, 9], Row([9, 9, 9, 9, 9], 3, Interpolation.Bicubic));
        byte[] doubled = Row([0, 20, 40, 60, 80, 100], 12, Interpolation.Bicubic);
        Assert.Equal([25, 35, 45, 55, 65, 75], doubled[3..9]);
    }

    [Theory]
    [InlineData(Interpolation.Nearest)]
    [InlineData(Interpolation.Bilinear)]
    [InlineData(Interpolation.Bicubic)]
    [InlineData(Interpolation.Area)]
    public void The_same_size_gives_the_same_pixels(Interpolation interpolation)
    {
        Image image = TestImages.Picture(11, 13);
        Assert.Equal(image.Pixels, ImageResizer.Resize(image, 11, 13, interpolation).Pixels);
    }

    [Fact]
    public void Crop_cuts_the_centre_and_keeps_the_ratio()
    {
        var image = new Image(2, 6, 1, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        Assert.Equal([3, 4, 9, 10], ImageResizer.Resize(image, 2, 2, Interpolation.Nearest, AspectRatio.Crop).Pixels);
    }

    [Fact]
    public void Padding_keeps_everything_and_the_ratio()
    {
        var image = new Image(1, 4, 1, [1, 2, 3, 4]);
        Assert.Equal(
            [0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0],
            ImageResizer.Resize(image, 4, 4, Interpolation.Nearest, AspectRatio.Padding).Pixels);
    }

    [Fact]
    public void A_network_that_wants_bgr_gets_it()
    {
        var pixels = new byte[3];
        ImagePreprocessor.ToPixels(new Image(1, 1, 3, [1, 2, 3]), Input(1, 1, ColorMode.Bgr), pixels);
        Assert.Equal([3, 2, 1], pixels);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Rescaling_is_scale_times_pixel_plus_offset_for_every_byte(int scales)
    {
        float[] scale = [1 / 127.5f, 0.5f, 2f], offset = [-1f, 3f, -7f];
        var input = new Preprocessing(10, 11, ColorMode.Rgb, scale[..scales], offset[..scales]);
        byte[] pixels = TestImages.Picture(10, 11).Pixels;
        float[] values = new float[pixels.Length];

        ImagePreprocessor.ToFloat(pixels, input, values);

        for (int i = 0; i < pixels.Length; i++)
            Assert.Equal((input.ScaleOf(i % 3) * pixels[i]) + input.OffsetOf(i % 3), values[i]);
    }

    [Fact]
    public void The_float_input_is_the_rescaled_bytes_that_int8_networks_see()
    {
        Image photo = TestImages.Picture(50, 70);
        Preprocessing input = Input(24, 24, ColorMode.Rgb);
        byte[] pixels = new byte[input.PixelCount()];
        float[] fromPixels = new float[pixels.Length], direct = new float[pixels.Length];

        ImagePreprocessor.ToPixels(photo, input, pixels);
        ImagePreprocessor.ToFloat(pixels, input, fromPixels);
        ImagePreprocessor.ToFloat(photo, input, direct);

        Assert.Equal(fromPixels, direct);
    }

    private static Preprocessing Input(int height, int width, ColorMode color) => new(height, width, color, [1 / 127.5f], [-1]);

    private static byte[] Row(byte[] row, int width, Interpolation interpolation) =>
        ImageResizer.Resize(new Image(1, row.Length, 1, row), 1, width, interpolation).Pixels;

    private static double Bilinear(Image image, double y, double x, int c)
    {
        int y0 = (int)Math.Floor(y), x0 = (int)Math.Floor(x);
        double At(int row, int column) => image[Math.Clamp(row, 0, image.Height - 1), Math.Clamp(column, 0, image.Width - 1), c];
        double top = At(y0, x0) + ((At(y0, x0 + 1) - At(y0, x0)) * (x - x0)), low = At(y0 + 1, x0) + ((At(y0 + 1, x0 + 1) - At(y0 + 1, x0)) * (x - x0));
        return top + ((low - top) * (y - y0));
    }
}
