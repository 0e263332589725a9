using Kindling.Data.Augmentation;
using Kindling.Data.Images;

namespace Kindling.Cli.Tests;

public sealed class AugmentVerbTests : IDisposable
{
    private const string Config = """
        operation_mode: training
        general: {global_seed: 7}
        dataset: {name: synthetic_shapes, synthetic_images: 200}
        preprocessing:
          rescaling: {scale: 1/127.5, offset: -1}
          resizing: {interpolation: bilinear, aspect_ratio: fit}
          color_mode: rgb
        data_augmentation:
          random_flip: {mode: horizontal, change_rate: 1.0}
          random_periodic_resizing: {resizing_period: 2, random_image_sizes: [16, [20, 24]]}
        training:
          model: {name: mobilenet, version: v1, alpha: 0.25, input_shape: [32, 32, 3]}
          dropout: 0.2
          batch_size: 32
          epochs: 1
          optimizer: Adam
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_configuration_is_shown_with_originals_in_the_first_column()
    {
        var config = Path.Combine(_folder.Root, "my.yaml");
        File.WriteAllText(config, Config);
        var sheet = Path.Combine(_folder.Root, "sheet.png");

        var result = CommandLine.Run("augment", config, "~data_augmentation.random_periodic_resizing", "--preview", sheet, "--images", "2", "--samples", "3", "--json");

        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(["random_flip"], result.Json.GetProperty("functions").EnumerateArray().Select(f => f.GetString()!));
        var image = ImageDecoder.DecodeFile(sheet);
        // Four columns of 32 pixels, enlarged three times, four pixels apart.
        Assert.Equal((4 * 100) + 4, image.Width);
        var top = image.Height - (2 * 110) + 10;
        for (var y = 0; y < 96; y += 5)
        {
            for (var x = 0; x < 96; x += 5)
                Assert.InRange(image[top + y, 4 + x, 0] - image[top + y, 4 + 100 + 95 - x, 0], -1, 1);
        }
    }

    [Fact]
    public void Each_shows_every_function_alone()
    {
        var config = Path.Combine(_folder.Root, "my.yaml");
        File.WriteAllText(config, Config);
        var sheet = Path.Combine(_folder.Root, "sheet.png");

        var result = CommandLine.Run("augment", config, "~data_augmentation", "--each", "--preview", sheet, "--samples", "2", "--json");

        Assert.Equal("", result.Error);
        Assert.Equal(AugmentationCatalogue.Functions.Select(f => f.Name), result.Json.GetProperty("functions").EnumerateArray().Select(f => f.GetString()!));
        Assert.True(ImageDecoder.DecodeFile(sheet).Height > AugmentationCatalogue.Functions.Count * 96);
    }

    [Theory]
    [InlineData("{random_flipp: {}}", "random_flipp")]
    [InlineData("{random_rotation: {factor: 3}}", "3 is outside -1 to 1")]
    [InlineData("{random_rotation: [", "not valid YAML")]
    public void Faults_of_functions_are_named(string functions, string message)
    {
        var result = CommandLine.Run("augment", "--data", _folder.Root, "--functions", functions, "--preview", Path.Combine(_folder.Root, "x.png"));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_photos_or_functions_it_says_what_is_missing()
    {
        var sheet = Path.Combine(_folder.Root, "x.png");
        Assert.Contains("there is nothing to show", CommandLine.Run("augment", "--data", _folder.Root, "--preview", sheet).Error, StringComparison.Ordinal);
        Assert.Contains("give a configuration or --data", CommandLine.Run("augment", "--each", "--preview", sheet).Error, StringComparison.Ordinal);
        Assert.Contains("--images 0: 1 to 100 are allowed", CommandLine.Run("augment", "--each", "--images", "0", "--preview", sheet).Error, StringComparison.Ordinal);
    }
}
