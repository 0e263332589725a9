using System.Buffers.Binary;
using Kindling.Tests;

namespace Kindling.Cli.Tests;

/// <summary>Images that come in IDX files, one channel, standardised one by one.</summary>
public sealed class IdxPipelineTests
{
    private const int Side = 14;

    [Fact]
    public void Idx_images_are_trained_on_standardised_and_evaluated_on_the_test_images_that_come_with_them()
    {
        using var folder = new TemporaryFolder();
        Write(folder.Root, "train", 120);
        Write(folder.Root, "t10k", 35);
        var config = Path.Combine(SharedData.Repository, "examples", "quickstart.yaml");

        var run = CommandLine.Run(
        [
            "run", config, "operation_mode=chain_tqe", "dataset.name=bars", $"dataset.training_path={folder.Root}", "dataset.class_names=[across, down]",
            "preprocessing.color_mode=grayscale", "preprocessing.standardization=per_image", "training.model.input_shape=(32, 32, 1)", "training.batch_size=16",
            "training.epochs=2", "~data_augmentation", "--output", folder["out"], "--json",
        ]);

        Assert.True(run.ExitCode == 0, run.Error);
        // 120 training images are split 96 to 24; accuracy is measured on the 35 test images.
        Assert.Equal(35, run.Json.GetProperty("float").GetProperty("images").GetInt32());
        Assert.Equal(35, run.Json.GetProperty("int8").GetProperty("images").GetInt32());
        foreach (var model in new[] { "float.safetensors", "model_int8.tflite" })
        {
            var path = Path.Combine(folder["out"], model);
            var shown = CommandLine.Run("show", path, "--json");
            Assert.Equal(["across", "down"], shown.Json.GetProperty("class_names").EnumerateArray().Select(n => n.GetString()!));
        }
    }

    /// <summary>Bright bars across or down, darker or brighter from image to image.</summary>
    private static void Write(string folder, string part, int count)
    {
        byte[] pixels = new byte[count * Side * Side], labels = new byte[count];
        var random = new Random(count);
        for (var image = 0; image < count; image++)
        {
            labels[image] = (byte)(image % 2);
            var (bar, light) = (random.Next(2, Side - 4), random.Next(60, 255));
            for (var p = 0; p < Side * Side; p++)
            {
                var along = labels[image] == 0 ? p / Side : p % Side;
                pixels[(image * Side * Side) + p] = (byte)(along >= bar && along < bar + 3 ? light : random.Next(20));
            }
        }

        File.WriteAllBytes(Path.Combine(folder, $"{part}-images-idx3-ubyte"), [.. Header(count, Side, Side), .. pixels]);
        File.WriteAllBytes(Path.Combine(folder, $"{part}-labels-idx1-ubyte"), [.. Header(count), .. labels]);
    }

    private static byte[] Header(params int[] dimensions)
    {
        var header = new byte[4 + (4 * dimensions.Length)];
        (header[2], header[3]) = (8, (byte)dimensions.Length);
        for (var d = 0; d < dimensions.Length; d++)
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + (4 * d)), dimensions[d]);
        return header;
    }
}
