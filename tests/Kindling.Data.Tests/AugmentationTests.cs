using Kindling.Data.Augmentation;
using Kindling.Data.Images;
using Kindling.Graphs;

namespace Kindling.Data.Tests;

public sealed class AugmentationTests
{
    private const int Side = 24;
    private static readonly Preprocessing Input = new(Side, Side, ColorMode.Rgb, [1 / 127.5f], [-1]);

    [Fact]
    public void Without_functions_the_image_is_only_rescaled()
    {
        Image image = TestImages.Picture(Side, Side);
        Assert.Equal(Rescaled(image), Apply(image, []));
    }

    [Theory]
    [InlineData("horizontal", true, false)]
    [InlineData("vertical", false, true)]
    public void Flip_mirrors_every_pixel_exactly(string mode, bool mirrorColumns, bool mirrorRows)
    {
        Image image = TestImages.Picture(Side, Side);

        float[] flipped = Apply(image, [Spec("random_flip", ("mode", mode), ("change_rate", 1))]);

        AssertMoved(image, flipped, (y, x) => (mirrorRows ? Side - 1 - y : y, mirrorColumns ? Side - 1 - x : x));
    }

    [Fact]
    public void Flip_of_both_kinds_picks_one_of_three()
    {
        Image image = TestImages.Picture(Side, Side);
        var pipeline = new AugmentationPipeline([Spec("random_flip", ("mode", "horizontal_and_vertical"), ("change_rate", 1.0))], Input);
        var seen = new HashSet<float>();
        for (int i = 0; i < 60; i++)
            seen.Add(Apply(pipeline, image, new AugmentationKey(1, 0, i))[0]);
        Assert.Equal(3, seen.Count);
        Assert.DoesNotContain(Rescaled(image)[0], seen);
    }

    [Theory]
    [InlineData("reflect")]
    [InlineData("wrap")]
    [InlineData("nearest")]
    [InlineData("constant")]
    public void Translation_by_whole_pixels_moves_them_exactly_and_fills_the_rest(string fill)
    {
        Image image = TestImages.Picture(Side, Side);

        // 6 pixels to the right, 3 up.
        float[] moved = Apply(image, [Spec("random_translation", ("width_factor", Fixed(0.25)), ("height_factor", Fixed(-0.125)), ("fill_mode", fill), ("fill_value", 0.5))]);

        AssertMoved(image, moved, (y, x) => (Fill(y + 3, fill), Fill(x - 6, fill)), fillValue: 0.5f);
    }

    [Theory]
    [InlineData("bilinear")]
    [InlineData("nearest")]
    public void Rotation_by_a_quarter_turn_is_exact_and_anticlockwise(string interpolation)
    {
        Image image = TestImages.Picture(Side, Side);

        float[] turned = Apply(image, [Spec("random_rotation", ("factor", Fixed(0.25)), ("interpolation", interpolation))]);

        AssertMoved(image, turned, (y, x) => (x, Side - 1 - y), tolerance: 2e-5f);
    }

    [Fact]
    public void Zoom_out_shows_more_and_zoom_in_less()
    {
        var image = new Image(Side, Side, 3);
        for (int i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = (byte)(i / 3 % Side * 10);

        float[] zoomedOut = Apply(image, [Spec("random_zoom", ("width_factor", Fixed(0.5)))]);
        float[] zoomedIn = Apply(image, [Spec("random_zoom", ("width_factor", Fixed(-0.5)))]);

        float Slope(float[] v) => (v[3 * (Side / 2)] - v[3 * ((Side / 2) - 1)]) * 127.5f;
        Assert.Equal(15, Slope(zoomedOut), 1e-3f);
        Assert.Equal(5, Slope(zoomedIn), 1e-3f);
    }

    [Fact]
    public void Shear_keeps_the_centre_and_slants_the_rest()
    {
        var image = new Image(Side, Side, 3);
        for (int y = 0; y < Side; y++)
        {
            for (int c = 0; c < 6; c++)
                image.Pixels[(((y * Side) + (Side / 2) - 1) * 3) + c] = 255;
        }

        float[] slanted = Apply(image, [Spec("random_shear", ("factor", Fixed(0.08)), ("fill_mode", "constant"), ("fill_value", -1))]);

        int BrightestColumn(int y) => Enumerable.Range(0, Side).MaxBy(x => slanted[((y * Side) + x) * 3]);
        Assert.InRange(BrightestColumn(Side / 2), (Side / 2) - 1, Side / 2);
        Assert.True(Math.Abs(BrightestColumn(3) - BrightestColumn(Side - 4)) > 5);
    }

    [Fact]
    public void Neighbouring_geometric_functions_are_resampled_once()
    {
        Image image = TestImages.Picture(Side, Side);

        AugmentationSpec halfPixel = Spec("random_translation", ("width_factor", Fixed(0.5 / Side)), ("height_factor", Fixed(0)), ("fill_mode", "nearest"));
        AugmentationSpec flip = Spec("random_flip", ("mode", "horizontal"), ("change_rate", 1));
        AugmentationSpec zoom = Spec("random_zoom", ("width_factor", Fixed(-0.5)), ("fill_mode", "nearest"));
        float[] together = Apply(image, [zoom, flip, halfPixel]);

        // Zoomed in twice about the centre, mirrored, moved right by half a pixel: one bilinear read of the original.
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
            {
                double centre = (Side - 1) / 2.0;
                double sx = centre + (0.5 * (centre - (x - 0.5))), sy = centre + (0.5 * (y - centre));
                Assert.Equal(ReadBilinear(image, sy, sx), together[((y * Side) + x) * 3], 1e-5f);
            }
        }
    }

    [Fact]
    public void Functions_apply_in_the_order_of_the_list()
    {
        Image image = TestImages.Picture(Side, Side);
        AugmentationSpec move = Spec("random_translation", ("width_factor", Fixed(0.25)), ("height_factor", Fixed(0)), ("fill_mode", "nearest"));
        AugmentationSpec flip = Spec("random_flip", ("mode", "horizontal"), ("change_rate", 1));

        AssertMoved(image, Apply(image, [move, flip]), (y, x) => (y, Math.Clamp(Side - 1 - x - 6, 0, Side - 1)));
        AssertMoved(image, Apply(image, [flip, move]), (y, x) => (y, Math.Clamp(Side - 1 - (x - 6), 0, Side - 1)));
    }

    [Fact]
    public void Contrast_scales_around_each_channels_mean_and_clips()
    {
        Image image = TestImages.Picture(Side, Side);
        float[] before = Rescaled(image);

        float[] softer = Apply(image, [Spec("random_contrast", ("factor", Fixed(0.5)))]);
        float[] harder = Apply(image, [Spec("random_contrast", ("factor", Fixed(4)))]);

        for (int c = 0; c < 3; c++)
        {
            float mean = before.Where((_, i) => i % 3 == c).Average();
            for (int i = c; i < before.Length; i += 3)
            {
                Assert.Equal(mean + (0.5f * (before[i] - mean)), softer[i], 1e-5f);
                Assert.Equal(Math.Clamp(mean + (4 * (before[i] - mean)), -1, 1), harder[i], 1e-5f);
            }
        }
    }

    [Fact]
    public void Brightness_adds_in_rescaled_units_and_clips_to_the_pixel_range()
    {
        Image image = TestImages.Picture(Side, Side);
        float[] before = Rescaled(image);

        float[] brighter = Apply(image, [Spec("random_brightness", ("factor", Fixed(0.75)))]);

        Assert.Contains(1f, brighter);
        for (int i = 0; i < before.Length; i++)
            Assert.Equal(Math.Min(before[i] + 0.75f, 1), brighter[i], 1e-6f);
    }

    [Fact]
    public void Erasing_covers_the_asked_share_with_the_asked_colour()
    {
        var image = new Image(Side, Side, 3);
        float[] erased = Apply(image, [Spec("random_rectangle_erasing", ("area", Fixed(0.25)), ("wh_ratio", Fixed(1)), ("color", new[] { 255, 127.5, 255 }))]);

        int covered = Enumerable.Range(0, Side * Side).Count(p => erased[3 * p] == 1 && erased[(3 * p) + 1] == 0 && erased[(3 * p) + 2] == 1);
        Assert.Equal(12 * 12, covered);
        Assert.Equal((Side * Side) - (12 * 12), Enumerable.Range(0, Side * Side).Count(p => erased[3 * p] == -1));
    }

    [Theory]
    [InlineData("random", 1)]
    [InlineData("mosaic", 144)]
    public void Erasing_draws_one_colour_a_rectangle_or_one_a_pixel(string method, int colours)
    {
        var image = new Image(Side, Side, 3);
        float[] erased = Apply(image, [Spec("random_rectangle_erasing", ("area", Fixed(0.25)), ("wh_ratio", Fixed(1)), ("fill_method", method))]);
        int distinct = Enumerable.Range(0, Side * Side).Select(p => (erased[3 * p], erased[(3 * p) + 1], erased[(3 * p) + 2])).Distinct().Count();
        Assert.Equal(colours + 1, distinct);
    }

    [Fact]
    public void Gaussian_noise_has_the_asked_deviation()
    {
        var image = new Image(Side, Side, 3, [.. Enumerable.Repeat((byte)128, Side * Side * 3)]);
        float[] noisy = Apply(image, [Spec("random_gaussian_noise", ("stddev", 0.1))]);
        double mean = noisy.Average(), deviation = Math.Sqrt(noisy.Average(v => (v - mean) * (v - mean)));
        Assert.Equal(Rescaled(image)[0], mean, 0.01);
        Assert.Equal(0.1, deviation, 0.01);
    }

    [Fact]
    public void Batch_mode_draws_alike_for_a_batch_and_anew_for_the_next()
    {
        var image = new Image(Side, Side, 3);
        var pipeline = new AugmentationPipeline([Spec("random_rectangle_erasing", ("fill_method", "random"), ("mode", "batch"))], Input);

        float[] a = Apply(pipeline, image, new AugmentationKey(1, 0, Image: 4, Step: 9));
        float[] b = Apply(pipeline, image, new AugmentationKey(1, 0, Image: 5, Step: 9));
        float[] c = Apply(pipeline, image, new AugmentationKey(1, 0, Image: 4, Step: 10));

        Assert.Equal(a, b);
        Assert.NotEqual(a, c);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    [InlineData(1)]
    public void Change_rate_is_the_share_of_images_altered(double rate)
    {
        Image image = TestImages.Picture(Side, Side);
        float[] before = Rescaled(image);
        var pipeline = new AugmentationPipeline([Spec("random_brightness", ("factor", 0.3), ("change_rate", rate))], Input);
        int changed = Enumerable.Range(0, 2000).Count(i => !Apply(pipeline, image, new AugmentationKey(3, 1, i)).AsSpan().SequenceEqual(before));
        Assert.Equal(rate, changed / 2000.0, rate is 0 or 1 ? 0 : 0.04);
    }

    [Fact]
    public void An_image_depends_on_seed_epoch_and_index_only()
    {
        Image image = TestImages.Picture(Side, Side);
        var pipeline = new AugmentationPipeline(AllFunctions(), Input);
        var key = new AugmentationKey(Seed: 5, Epoch: 2, Image: 17);
        float[] expected = Apply(pipeline, image, key);

        Parallel.For(0, 64, i =>
        {
            _ = Apply(pipeline, image, key with { Image = i });
            Assert.Equal(expected, Apply(pipeline, image, key));
            Assert.Equal(expected, Apply(pipeline, image, key with { Step = i }));
        });
        Assert.NotEqual(expected, Apply(pipeline, image, key with { Seed = 6 }));
        Assert.NotEqual(expected, Apply(pipeline, image, key with { Epoch = 3 }));
        Assert.NotEqual(expected, Apply(pipeline, image, key with { Image = 18 }));
    }

    [Fact]
    public void Gray_images_pass_through_every_function_and_stay_in_range()
    {
        var input = new Preprocessing(15, 17, ColorMode.Grayscale, [1 / 255f], [0]);
        byte[] pixels = TestImages.Picture(15, 17, 1).Pixels;
        float[] values = new float[pixels.Length];
        var pipeline = new AugmentationPipeline(AllFunctions(), input);
        for (int i = 0; i < 50; i++)
        {
            pipeline.Apply(pixels, new AugmentationKey(1, 0, i), values);
            Assert.All(values, v => Assert.InRange(v, 0, 1));
        }
    }

    [Fact]
    public void Every_fault_of_a_list_is_reported_with_its_key_and_what_is_allowed()
    {
        AugmentationSpec[] specs =
        [
            Spec("random_flipp"),
            Spec("random_flip", ("mode", "diagonal")),
            Spec("random_rotation", ("factor", "much"), ("speed", 3)),
            Spec("random_zoom", ("change_rate", 2)),
            Spec("random_contrast", ("factor", new[] { 2.0, 1.0 })),
            Spec("random_contrast", ("factor", 0.1)),
            Spec("random_rectangle_erasing", ("nrec", 1.5), ("color", new[] { 1, 2 })),
        ];

        IReadOnlyList<string> faults = AugmentationCatalogue.Validate(specs);

        string[] expected =
        [
            "data_augmentation.random_flipp: unknown function; available are random_flip",
            "data_augmentation.random_flip.mode: 'diagonal' is not one of horizontal, vertical, horizontal_and_vertical",
            "data_augmentation.random_rotation.speed: unknown parameter; allowed are factor",
            "data_augmentation.random_rotation.factor: 'much' is neither a number nor a pair",
            "data_augmentation.random_zoom.width_factor: is required",
            "data_augmentation.random_zoom.change_rate: 2 is outside 0 to 1",
            "data_augmentation.random_contrast.factor: the low end 2 is above the high end 1",
            "data_augmentation.random_contrast: given twice",
            "data_augmentation.random_rectangle_erasing.nrec: 1.5 is not a whole number",
            "data_augmentation.random_rectangle_erasing.color: '(1, 2)' is not a colour",
        ];
        Assert.Equal(expected.Length, faults.Count);
        Assert.All(expected, e => Assert.Contains(faults, f => f.StartsWith(e, StringComparison.Ordinal)));
        var fault = Assert.Throws<KindlingException>(() => new AugmentationPipeline(specs, Input));
        Assert.All(faults, f => Assert.Contains(f, fault.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_function_documents_its_parameters()
    {
        Assert.Equal(29, AugmentationCatalogue.Functions.Count);
        Assert.Distinct(AugmentationCatalogue.Functions.Select(f => f.Name));
        Assert.All(AugmentationCatalogue.Functions, f =>
        {
            Assert.Same(f, AugmentationCatalogue.Find(f.Name));
            Assert.NotEmpty(f.Description);
            Assert.Empty(AugmentationCatalogue.Validate([f.Example]));
            Assert.Equal("change_rate", f.Parameters[^1].Name);
            Assert.All(f.Parameters, p => Assert.NotEmpty(p.Description));
            Assert.All(f.Parameters.Where(p => p.Kind == AugmentationParameterKind.Choice), p => Assert.NotEmpty(p.Choices));
        });
    }

    internal static AugmentationSpec[] AllFunctions() =>
    [
        Spec("random_flip", ("mode", "horizontal")),
        Spec("random_translation", ("width_factor", 0.1), ("height_factor", 0.1)),
        Spec("random_rotation", ("factor", 0.1)),
        Spec("random_zoom", ("width_factor", 0.2), ("height_factor", 0.2)),
        Spec("random_contrast", ("factor", 0.4)),
        Spec("random_brightness", ("factor", 0.3)),
        Spec("random_shear", ("factor", 0.05), ("fill_mode", "wrap")),
        Spec("random_rectangle_erasing", ("fill_method", "mosaic"), ("change_rate", 0.5)),
        Spec("random_gaussian_noise", ("stddev", new[] { 0, 0.1 })),
    ];

    private static AugmentationSpec Spec(string function, params (string Key, object Value)[] arguments) =>
        new(function, arguments.ToDictionary(a => a.Key, a => (object?)a.Value));

    /// <summary>A range of one value.</summary>
    private static double[] Fixed(double value) => [value, value];

    private static float[] Rescaled(Image image)
    {
        float[] values = new float[image.Pixels.Length];
        ImagePreprocessor.ToFloat(image.Pixels, Input, values);
        return values;
    }

    private static float[] Apply(Image image, AugmentationSpec[] specs) => Apply(new AugmentationPipeline(specs, Input), image, new AugmentationKey(1, 0, 0));

    private static float[] Apply(AugmentationPipeline pipeline, Image image, AugmentationKey key)
    {
        float[] values = new float[image.Pixels.Length];
        pipeline.Apply(image.Pixels, key, values);
        return values;
    }

    private static float ReadBilinear(Image image, double y, double x)
    {
        float[] before = Rescaled(image);
        int y0 = (int)Math.Floor(y), x0 = (int)Math.Floor(x);
        double At(int row, int column) => before[((Math.Clamp(row, 0, Side - 1) * Side) + Math.Clamp(column, 0, Side - 1)) * 3];
        double top = At(y0, x0) + ((At(y0, x0 + 1) - At(y0, x0)) * (x - x0)), low = At(y0 + 1, x0) + ((At(y0 + 1, x0 + 1) - At(y0 + 1, x0)) * (x - x0));
        return (float)(top + ((low - top) * (y - y0)));
    }

    private static int Fill(int i, string fill) => (uint)i < Side ? i : fill switch
    {
        "reflect" => i < 0 ? -1 - i : (2 * Side) - 1 - i,
        "wrap" => (i + Side) % Side,
        "nearest" => Math.Clamp(i, 0, Side - 1),
        _ => -1,
    };

    /// <summary>Checks that the pixel at (y, x) is the original's pixel at <paramref name="from"/>; -1 stands for the fill value.</summary>
    private static void AssertMoved(Image image, float[] moved, Func<int, int, (int Y, int X)> from, float fillValue = 0, float tolerance = 1e-6f)
    {
        float[] before = Rescaled(image);
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
            {
                (int sy, int sx) = from(y, x);
                for (int c = 0; c < 3; c++)
                    Assert.Equal(sy < 0 || sx < 0 ? fillValue : before[(((sy * Side) + sx) * 3) + c], moved[(((y * Side) + x) * 3) + c], tolerance);
            }
        }
    }
}
