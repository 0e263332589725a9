using Kindling.Data.Augmentation;
using Kindling.Data.Images;
using Kindling.Graphs;

namespace Kindling.Data.Tests;

/// <summary>What holds for every function of the catalogue.</summary>
public sealed class AugmentationPropertyTests
{
    private const int Height = 22, Width = 26;

    /// <summary>Arguments with which each function changes images: the required ones, strong.</summary>
    private static readonly Dictionary<string, (string Key, object Value)[]> Strong = new()
    {
        ["random_flip"] = [("mode", "horizontal")],
        ["random_translation"] = [("width_factor", 0.3), ("height_factor", 0.3)],
        ["random_rotation"] = [("factor", 0.2)],
        ["random_zoom"] = [("width_factor", 0.4)],
        ["random_shear"] = [("factor", 0.1)],
        ["random_shear_x"] = [("factor", 0.1)],
        ["random_shear_y"] = [("factor", 0.1)],
        ["random_periodic_resizing"] = [("resizing_period", 2), ("random_image_sizes", new object[] { 7, new[] { 9, 13 } })],
        ["random_contrast"] = [("factor", 0.9)],
        ["random_brightness"] = [("factor", 0.7)],
        ["random_gamma"] = [("gamma", new[] { 0.2, 5 })],
        ["random_hue"] = [("delta", 0.5)],
        ["random_saturation"] = [("delta", 0.9)],
        ["random_value"] = [("delta", 0.9)],
        ["random_hsv"] = [("hue_delta", 0.5), ("saturation_delta", 0.5), ("value_delta", 0.5)],
        ["random_posterize"] = [("bits", new[] { 1, 4 })],
        ["random_sharpness"] = [("factor", 9.0)],
        ["random_blur"] = [("filter_size", new[] { 2, 9 })],
        ["random_gaussian_noise"] = [("stddev", 0.3)],
        ["random_jpeg_quality"] = [("jpeg_quality", new[] { 0, 20 })],
    };

    /// <summary>Arguments with which a function leaves images as they are; the others have no strength.</summary>
    private static readonly Dictionary<string, (string Key, object Value)[]> Zero = new()
    {
        ["random_translation"] = [("width_factor", 0), ("height_factor", 0)],
        ["random_rotation"] = [("factor", 0)],
        ["random_zoom"] = [("width_factor", 0)],
        ["random_shear"] = [("factor", 0)],
        ["random_shear_x"] = [("factor", 0)],
        ["random_shear_y"] = [("factor", 0)],
        ["random_resized_crop"] = [("area", 1), ("wh_ratio", Width / (double)Height)],
        ["random_periodic_resizing"] = [("resizing_period", 1), ("random_image_sizes", new object[] { new[] { Height, Width } })],
        ["random_contrast"] = [("factor", 0)],
        ["random_brightness"] = [("factor", 0)],
        ["random_gamma"] = [("gamma", 1)],
        ["random_hue"] = [("delta", 0)],
        ["random_saturation"] = [("delta", 0)],
        ["random_value"] = [("delta", 0)],
        ["random_hsv"] = [("hue_delta", 0), ("saturation_delta", 0), ("value_delta", 0)],
        ["random_posterize"] = [("bits", 8)],
        ["random_sharpness"] = [("factor", new[] { 1, 1 })],
        ["random_blur"] = [("filter_size", 1)],
        ["random_gaussian_noise"] = [("stddev", 0)],
        ["random_rectangle_erasing"] = [("nrec", 0)],
        ["random_grid_cell_erasing"] = [("erasing_prob", 0)],
    };

    private static readonly Preprocessing[] Inputs =
    [
        new(Height, Width, ColorMode.Rgb, [1 / 127.5f], [-1]),
        new(Height, Width, ColorMode.Bgr, [1, 1, 1], [-104, -117, -123]),
        new(Height, Width, ColorMode.Rgb, [-1 / 255f], [1]),
        new(Height, Width, ColorMode.Grayscale, [1 / 255f], [0]),
    ];

    public static TheoryData<string> Functions => [.. AugmentationCatalogue.Functions.Select(f => f.Name)];

    public static TheoryData<string> FunctionsWithStrength => [.. Zero.Keys];

    [Theory]
    [MemberData(nameof(Functions))]
    public void Values_stay_in_the_pixel_range_and_some_images_change(string function)
    {
        foreach (Preprocessing input in Usable(function))
        {
            var pipeline = new AugmentationPipeline([Spec(function, Strong.GetValueOrDefault(function, []), 0.7)], input);
            byte[] pixels = TestImages.Picture(Height, Width, input.Channels).Pixels;
            float[] before = new float[pixels.Length], values = new float[pixels.Length];
            ImagePreprocessor.ToFloat(pixels, input, before);
            int changed = 0;
            for (int image = 0; image < 60; image++)
            {
                pipeline.Apply(pixels, new AugmentationKey(4, image, image), values);
                for (int c = 0; c < input.Channels; c++)
                {
                    float black = input.OffsetOf(c), white = (255 * input.ScaleOf(c)) + black, slack = Math.Abs(white - black) * 1e-6f, least = values[c], most = least;
                    for (int i = c; i < values.Length; i += input.Channels)
                        (least, most) = (Math.Min(least, values[i]), Math.Max(most, values[i]));
                    Assert.InRange(least, Math.Min(black, white) - slack, most);
                    Assert.InRange(most, least, Math.Max(black, white) + slack);
                }

                changed += values.AsSpan().SequenceEqual(before) ? 0 : 1;
            }

            Assert.InRange(changed, 20, 59);
        }
    }

    [Theory]
    [MemberData(nameof(FunctionsWithStrength))]
    public void Without_strength_the_image_is_left_as_it_is(string function)
    {
        foreach (Preprocessing input in Usable(function))
        {
            var pipeline = new AugmentationPipeline([Spec(function, Zero[function], 1)], input);
            byte[] pixels = TestImages.Picture(Height, Width, input.Channels).Pixels;
            float[] before = new float[pixels.Length], values = new float[pixels.Length];
            ImagePreprocessor.ToFloat(pixels, input, before);
            pipeline.Apply(pixels, new AugmentationKey(4, 0, 0), values);
            float range = Math.Abs(input.ScaleOf(0)) * 255;
            for (int i = 0; i < values.Length; i++)
                Assert.Equal(before[i], values[i], 2e-5f * range);
        }
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void An_image_depends_on_its_key_only_whatever_the_thread(string function)
    {
        Preprocessing input = Inputs[0];
        var pipeline = new AugmentationPipeline([Spec(function, Strong.GetValueOrDefault(function, []), 0.8)], input);
        byte[] pixels = TestImages.Picture(Height, Width).Pixels;
        float[][] expected = [.. Enumerable.Range(0, 12).Select(n => Augment(n))];

        Parallel.For(0, 48, new ParallelOptions { MaxDegreeOfParallelism = 4 }, n => Assert.Equal(expected[n % 12], Augment(n % 12)));

        float[] Augment(int image)
        {
            float[] values = new float[pixels.Length];
            pipeline.Apply(pixels, new AugmentationKey(9, image / 3, image, image / 4), values);
            return values;
        }
    }

    [Fact]
    public void Grid_cells_are_covered_whole_and_as_often_as_asked()
    {
        var input = new Preprocessing(20, 30, ColorMode.Rgb, [1], [0]);
        byte[] pixels = [.. Enumerable.Repeat((byte)50, 1800)];
        var pipeline = new AugmentationPipeline([Spec("random_grid_cell_erasing", [("ncells_x", 5), ("ncells_y", 4), ("color", 200), ("erasing_prob", 0.3)], 1)], input);
        float[] values = new float[1800];
        int covered = 0;
        for (int image = 0; image < 200; image++)
        {
            pipeline.Apply(pixels, new AugmentationKey(1, 0, image), values);
            for (int cell = 0; cell < 20; cell++)
            {
                float first = values[((cell / 5 * 5 * 30) + (cell % 5 * 6)) * 3];
                for (int p = 0; p < 30; p++)
                    Assert.Equal(first, values[((((cell / 5 * 5) + (p / 6)) * 30) + (cell % 5 * 6) + (p % 6)) * 3]);
                covered += first == 200 ? 1 : 0;
            }
        }

        Assert.Equal(0.3, covered / 4000.0, 0.03);
    }

    [Fact]
    public void A_resized_crop_shows_a_part_of_the_asked_area_and_shape_and_nothing_beyond_the_edge()
    {
        // Red is the column and green the row, so that every value says where it comes from.
        const int Side = 64;
        byte[] pixels = new byte[Side * Side * 3];
        for (int p = 0; p < Side * Side; p++)
            (pixels[3 * p], pixels[(3 * p) + 1]) = ((byte)(p % Side), (byte)(p / Side));
        var input = new Preprocessing(Side, Side, ColorMode.Rgb, [1], [0]);
        var pipeline = new AugmentationPipeline([Spec("random_resized_crop", [("area", new[] { 0.2, 0.5 }), ("wh_ratio", new[] { 0.5, 2 })], 1)], input);
        float[] values = new float[pixels.Length];
        for (int image = 0; image < 300; image++)
        {
            pipeline.Apply(pixels, new AugmentationKey(1, 0, image), values);
            double width = (values[^3] - values[0]) * Side / (Side - 1), height = (values[^2] - values[1]) * Side / (Side - 1);
            // A pixel of play: values before the first and beyond the last pixel's centre are the edge's own.
            Assert.InRange(width * height / (Side * Side), 0.2 * 0.94, 0.5 * 1.02);
            Assert.InRange(width / height, 0.5 * 0.95, 2 * 1.05);
        }
    }

    [Fact]
    public void Shear_along_x_shifts_rows_and_along_y_columns()
    {
        var input = new Preprocessing(25, 25, ColorMode.Grayscale, [1], [0]);
        double angle = Math.Atan(0.25) / (2 * Math.PI);
        byte[] pixels = TestImages.Picture(25, 25, 1).Pixels;
        float[] x = new float[625], y = new float[625];
        new AugmentationPipeline([Spec("random_shear_x", [("factor", new[] { angle, angle })], 1)], input).Apply(pixels, new AugmentationKey(1, 0, 0), x);
        new AugmentationPipeline([Spec("random_shear_y", [("factor", new[] { angle, angle })], 1)], input).Apply(pixels, new AugmentationKey(1, 0, 0), y);
        for (int i = 0; i < 25; i++)
        {
            // Eight rows below the centre the rows have moved by two whole pixels.
            if (i + 2 < 25)
                Assert.Equal(pixels[(20 * 25) + i + 2], x[(20 * 25) + i], 0.01f);
            Assert.Equal(pixels[(12 * 25) + i], x[(12 * 25) + i], 0.01f);
            if (i + 2 < 25)
                Assert.Equal(pixels[((i + 2) * 25) + 20], y[(i * 25) + 20], 0.01f);
            Assert.Equal(pixels[(i * 25) + 12], y[(i * 25) + 12], 0.01f);
        }
    }

    [Fact]
    public void Periodic_resizing_keeps_a_size_for_its_period_and_begins_with_the_initial_one()
    {
        Preprocessing input = new(32, 32, ColorMode.Rgb, [1], [0]);
        byte[] pixels = TestImages.Picture(32, 32).Pixels;
        (string, object)[] arguments = [("resizing_period", 3), ("initial_image_size", 32), ("random_image_sizes", new object[] { 8, 12, 16, 24 })];
        var pipeline = new AugmentationPipeline([Spec("random_periodic_resizing", arguments, 1)], input);
        float[][] epochs = [.. Enumerable.Range(0, 60).Select(epoch =>
        {
            float[] values = new float[pixels.Length];
            pipeline.Apply(pixels, new AugmentationKey(1, epoch, epoch % 5), values);
            return values;
        })];

        Assert.All(epochs[..3], values => Assert.Equal(pixels.Select(p => (float)p), values));
        for (int epoch = 3; epoch < 60; epoch++)
            Assert.Equal(epochs[epoch / 3 * 3], epochs[epoch]);
        Assert.Equal(4, epochs[3..].Select(v => v[100]).Distinct().Count());
    }

    [Fact]
    public void Faults_of_whole_number_ranges_and_sizes_say_what_is_allowed()
    {
        IReadOnlyList<string> faults = AugmentationCatalogue.Validate(
        [
            Spec("random_posterize", [("bits", new[] { 0, 4 })], 1),
            Spec("random_blur", [("filter_size", 2.5)], 1),
            Spec("random_jpeg_quality", [("jpeg_quality", new[] { 50, 101 })], 1),
            Spec("random_periodic_resizing", [("resizing_period", 1), ("initial_image_size", "big"), ("random_image_sizes", new object[] { new[] { 1, 2, 3 } })], 1),
        ]);
        string[] expected =
        [
            "data_augmentation.random_posterize.bits: 0 is outside 1 to 8",
            "data_augmentation.random_blur.filter_size: 2.5 is not a whole number",
            "data_augmentation.random_jpeg_quality.jpeg_quality: 101 is outside 0 to 100",
            "data_augmentation.random_periodic_resizing.initial_image_size: 'big' is not a size: a whole number, or a pair (height, width)",
            "data_augmentation.random_periodic_resizing.random_image_sizes: '(1, 2, 3)' is not a size: a whole number, or a pair (height, width)",
        ];
        Assert.Equal(expected, faults);
    }

    private static IEnumerable<Preprocessing> Usable(string function)
    {
        bool needsColor = function is "random_hue" or "random_saturation" or "random_value" or "random_hsv" or "random_rgb_to_hsv" or "random_rgb_to_grayscale";
        return Inputs.Where(i => i.Channels == 3 || !needsColor);
    }

    private static AugmentationSpec Spec(string function, (string Key, object Value)[] arguments, double rate)
    {
        var values = arguments.ToDictionary(a => a.Key, a => (object?)a.Value);
        values["change_rate"] = rate;
        return new AugmentationSpec(function, values);
    }
}
