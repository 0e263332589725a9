using System.IO.Compression;
using Kindling.Tests;

namespace Kindling.Cli.Tests;

/// <summary>Whole models of Keras where a run needs a float network: to go on training, to learn from, to be measured.</summary>
public sealed class KerasTrainingTests : IDisposable
{
    private const int PhotosOfClass = 8;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("mobilenet_v1_0.25_96", "mobilenet_v1_0.25")]
    [InlineData("st_efficientnet_lc_v1_128", "st_efficientnet_lc_v1")]
    public void Training_goes_on_from_a_Keras_model_that_is_a_network_of_the_zoo(string file, string network)
    {
        var model = SharedData.Require($"models/st/{file}_flowers_float.h5");

        // A rate next to nothing: what comes out is what went in.
        var result = Run("training", "~training.model", "training.optimizer.Adam.learning_rate=1e-9", $"general.model_path={model}");

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.InRange(result.Json.GetProperty("float").GetProperty("top1").GetDouble(), 0.6, 1);
        var shown = CommandLine.Run("show", Path.Combine(_folder["out"], "float.safetensors"), "--json");
        Assert.Equal(network, shown.Json.GetProperty("name").GetString());
    }

    [Fact]
    public void A_Keras_model_of_another_size_teaches()
    {
        var teacher = SharedData.Require("models/st/st_efficientnet_lc_v1_128_flowers_float.h5");

        var result = Run("training", $"training.distillation.teacher={teacher}");

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("128x128x3", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_Keras_model_is_measured_where_a_run_begins_with_it()
    {
        var model = SharedData.Require("models/st/mobilenet_v1_0.25_96_flowers_float.h5");

        var result = Run("evaluation", "~training", $"general.model_path={model}");

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.InRange(result.Json.GetProperty("float").GetProperty("top1").GetDouble(), 0.6, 1);
    }

    [Fact]
    public void What_is_no_model_to_go_on_training_is_refused_by_name()
    {
        Photos();
        var path = _folder["model.onnx"];
        File.WriteAllText(path, "");

        var result = Run("training", "~training.model", $"general.model_path={path}");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("allowed: .safetensors, .h5", result.Error, StringComparison.Ordinal);
    }

    private CommandLine Run(string mode, params string[] arguments)
    {
        var configuration = _folder["run.yaml"];
        File.WriteAllText(configuration, $$"""
            general: { project_name: keras, global_seed: 1 }
            dataset: { name: flowers, class_names: [daisy, dandelion, roses, sunflowers, tulips], training_path: {{Photos()}}, validation_split: 0.2, seed: 1 }
            preprocessing: { rescaling: { scale: 1/127.5, offset: -1 }, resizing: { interpolation: nearest, aspect_ratio: fit }, color_mode: rgb }
            training:
              model: { name: mobilenet, version: v1, alpha: 0.25, input_shape: [96, 96, 3] }
              batch_size: 8
              epochs: 1
              optimizer: { Adam: { learning_rate: 0.001 } }
            """);
        return CommandLine.Run(["run", configuration, $"operation_mode={mode}", .. arguments, "--output", _folder["out"], "--json"]);
    }

    private string Photos()
    {
        var photos = _folder["photos"];
        if (Directory.Exists(photos))
            return photos;
        using var archive = ZipFile.OpenRead(SharedData.Require("flowers/flower_photos_256.zip"));
        foreach (var photo in archive.Entries.Where(e => e.Name.Length > 0).GroupBy(e => e.FullName.Split('/')[1]).SelectMany(g => g.Take(PhotosOfClass)))
        {
            var folder = Directory.CreateDirectory(Path.Combine(photos, photo.FullName.Split('/')[1]));
            photo.ExtractToFile(Path.Combine(folder.FullName, photo.Name));
        }

        return photos;
    }
}
