using Kindling.Data.Augmentation;
using Kindling.Data.Images;
using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Tensors;

namespace Kindling.Data.Tests;

public sealed class StandardizationTests
{
    private static readonly Preprocessing Input = new(12, 10, ColorMode.Rgb, [1 / 127.5f], [-1], Standardization: Standardization.PerImage);

    [Fact]
    public void A_photo_gets_mean_zero_and_deviation_one_over_all_its_values()
    {
        byte[] pixels = TestImages.Picture(12, 10).Pixels;
        double mean = pixels.Average(p => p), deviation = Math.Sqrt(pixels.Average(p => (p - mean) * (p - mean)));

        float[] values = Standardized(pixels);

        for (int i = 0; i < values.Length; i++)
            Assert.Equal((pixels[i] - mean) / deviation, values[i], 1e-5);
    }

    [Fact]
    public void A_photo_of_one_colour_becomes_zero_and_one_grey_level_is_not_blown_up()
    {
        byte[] pixels = new byte[360];
        Assert.All(Standardized(pixels), v => Assert.Equal(0, v));
        pixels[0] = 1;
        // The deviation, about 0.053, lies above the bound 1 / sqrt(360) = 0.0527 only just.
        Assert.InRange(Standardized(pixels)[0], 18, 19);
    }

    [Fact]
    public void Float_and_int8_inputs_are_fed_the_same_standardised_values()
    {
        byte[] pixels = TestImages.Picture(12, 10).Pixels, two = [.. pixels, .. pixels.Select(p => (byte)(p / 2))];
        float[] expected = Standardized(pixels);
        byte[] floats = new byte[two.Length * 4], integers = new byte[two.Length];

        new InputEncoder(new Value("image", ElementType.Float32, new Tensors.Shape(1, 12, 10, 3)), Input).EncodePixels(two, floats);
        var int8 = new InputEncoder(new Value("image", ElementType.Int8, new Tensors.Shape(1, 12, 10, 3), new Quantization(0.02f, 3)), Input);
        int8.EncodePixels(two, integers);

        Assert.False(int8.FeedsRawPixels);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], BitConverter.ToSingle(floats, i * 4));
            Assert.Equal(Math.Clamp(Math.Round(expected[i] / 0.02f, MidpointRounding.AwayFromZero) + 3, -128, 127), (sbyte)integers[i]);
            // Halving every pixel changes nothing but rounding.
            Assert.Equal(expected[i], BitConverter.ToSingle(floats, (expected.Length + i) * 4), 0.02f);
        }
    }

    [Fact]
    public void Augmented_photos_are_standardised_last()
    {
        byte[] pixels = TestImages.Picture(12, 10).Pixels;
        float[] values = new float[pixels.Length];
        var pipeline = new AugmentationPipeline(AugmentationTests.AllFunctions(), Input);
        for (int i = 0; i < 20; i++)
        {
            pipeline.Apply(pixels, new AugmentationKey(1, 0, i), values);
            double mean = values.Average(v => (double)v);
            Assert.Equal(0, mean, 1e-4);
            Assert.Equal(1, Math.Sqrt(values.Average(v => (v - mean) * (v - mean))), 1e-3);
        }
    }

    private static float[] Standardized(byte[] pixels)
    {
        float[] values = new float[pixels.Length];
        ImagePreprocessor.ToFloat(pixels, Input, values);
        return values;
    }
}
