using System.Text;
using System.Xml.Linq;
using Kindling.Cli.Configuration;
using Kindling.Cli.Hosting;
using Kindling.Cli.Models;
using Kindling.Cli.Pipeline;
using Kindling.Formats.Onnx;
using Kindling.Tests;

namespace Kindling.Cli.Tests;

/// <summary>Whole runs, as small as they can be.</summary>
public sealed class PipelineTests
{
    private static readonly string[] Small =
    [
        "general.project_name=tiny", "dataset.synthetic_images=120", "training.model.input_shape=(32, 32, 3)", "training.batch_size=16", "training.epochs=3",
    ];

    private static string Quickstart => Path.Combine(SharedData.Repository, "examples", "quickstart.yaml");

    [Fact]
    public void A_run_goes_from_photos_to_a_report_and_leaves_one_folder_with_everything()
    {
        using var folder = new TemporaryFolder();

        var result = CommandLine.Run(["run", Quickstart, .. Small, "--output", folder["out"], "--json"]);

        Assert.Equal(0, result.ExitCode);
        Assert.All(
            [
                "resolved_config.yaml", "saved_models/best.safetensors", "saved_models/last.safetensors", "training_log.csv", "float.safetensors", "model_int8.tflite",
                "c/src/network.h", "c/src/network.c", "c/src/network_weights.c", "c/src/network_frame.c", "c/library.json", "report.html", "results.json",
            ],
            name => Assert.True(File.Exists(Path.Combine(folder["out"], name)), $"{name} is missing"));
        Assert.Equal(File.ReadAllText(Path.Combine(folder["out"], "results.json")).Trim(), result.Output.Trim());
        Assert.Equal(3, result.Json.GetProperty("training").GetProperty("epochs").GetInt32());
        Assert.Equal(24, result.Json.GetProperty("float").GetProperty("images").GetInt32());
        Assert.Equal(24, result.Json.GetProperty("int8").GetProperty("images").GetInt32());
        if (Deployment.Toolchain.MissingForBoards().Count == 0)
            Assert.True(result.Json.GetProperty("benchmark").GetProperty("outputs_equal_host").GetBoolean());
        Assert.Equal(4, File.ReadLines(Path.Combine(folder["out"], "training_log.csv")).Count());

        var page = XDocument.Parse(File.ReadAllText(Path.Combine(folder["out"], "report.html")).Replace("<!DOCTYPE html>\n", "", StringComparison.Ordinal));
        Assert.Equal("tiny", page.Descendants("h1").Single().Value);
        Assert.Contains(page.Descendants("pre"), p => p.Value.StartsWith("kindling run", StringComparison.Ordinal));
    }

    [Fact]
    public void The_files_of_a_run_are_models_that_the_other_verbs_open()
    {
        using var folder = new TemporaryFolder();
        var run = CommandLine.Run(["run", Quickstart, .. Small, "operation_mode=chain_tqe", "training.epochs=1", "--output", folder["out"]]);
        Assert.Equal(0, run.ExitCode);
        var floats = Path.Combine(folder["out"], "float.safetensors");

        var shown = CommandLine.Run("show", floats, "--json");
        Assert.Equal("mobilenet_v1_0.25", shown.Json.GetProperty("name").GetString());
        Assert.Equal(10, shown.Json.GetProperty("class_names").GetArrayLength());

        var photos = folder["photos"];
        using (var shapes = new Data.SyntheticShapes(20, 3, 40))
        {
            for (var i = 0; i < shapes.Count; i++)
            {
                var path = Path.Combine(photos, $"{shapes.FileName(i)}.png");
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllBytes(path, Data.Images.PngEncoder.Encode(shapes.Load(i)));
            }
        }

        var quantized = CommandLine.Run("quantize", "--model", floats, "--data", photos, "--output", folder["again.tflite"], "--output-type", "int8", "--json");
        Assert.Equal(0, quantized.ExitCode);
        Assert.Equal(20, quantized.Json.GetProperty("calibration_images").GetInt32());
        Assert.Equal("int8", quantized.Json.GetProperty("outputs")[0].GetProperty("type").GetString());

        var searched = CommandLine.Run("quantize", "--model", floats, "--calibration", photos, "--images", "10", "--output", folder["best.tflite"], "--method", "auto", "--json");
        Assert.Equal(0, searched.ExitCode);
        Assert.InRange(searched.Json.GetProperty("trials").GetArrayLength(), 9, 12);
        Assert.Contains("methods on 10 held-out training photos", searched.Error, StringComparison.Ordinal);
        Assert.Contains($"* {searched.Json.GetProperty("method").GetString()}", searched.Error, StringComparison.Ordinal);
        var tuned = CommandLine.Run("quantize", "--model", floats, "--data", photos, "--output", folder["tuned.tflite"], "--method", "mse", "--weights", "per-tensor", "--qat", "1", "--json");
        Assert.Equal(0, tuned.ExitCode);
        var tooMany = CommandLine.Run("quantize", "--model", floats, "--data", photos, "--output", folder["no.tflite"], "--method", "auto");
        Assert.Contains("none is left to compare methods on", tooMany.Error, StringComparison.Ordinal);

        OnnxWriter.Write(ModelFile.Read(floats), folder["float.onnx"]);
        foreach (var model in new[] { floats, Path.Combine(folder["out"], "model_int8.tflite"), folder["again.tflite"], folder["float.onnx"] })
        {
            var evaluated = CommandLine.Run("evaluate", "--model", model, "--data", photos, "--json");
            Assert.Equal(0, evaluated.ExitCode);
            Assert.Equal(20, evaluated.Json.GetProperty("images").GetInt32());
            Assert.DoesNotContain("does not say how photos are prepared", evaluated.Error, StringComparison.Ordinal);

            var predicted = CommandLine.Run("predict", "--model", model, Path.Combine(photos, "star"), "--json");
            Assert.Equal(2, predicted.Json.GetProperty("images").GetArrayLength());
            Assert.Equal(10, predicted.Json.GetProperty("images")[0].GetProperty("classes").GetArrayLength());
        }

        var twice = CommandLine.Run("quantize", "--model", folder["again.tflite"], "--data", photos, "--output", folder["no.tflite"]);
        Assert.Equal(1, twice.ExitCode);
        Assert.Contains("is quantized already", twice.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("operation_mode=training")]
    [InlineData("data_augmentation.random_periodic_resizing={resizing_period: 1, random_image_sizes: [64, [64, 32]]}")]
    public void An_interrupted_run_says_how_to_resume_and_ends_with_the_weights_of_an_uninterrupted_one(string argument)
    {
        using var folder = new TemporaryFolder();
        var config = new ConfigurationLoader().LoadFile(Quickstart, [.. Small, "operation_mode=training", argument]);
        PipelineRunner.Run(config, new RunOptions(folder["whole"], null), Context(TextWriter.Null, TestContext.Current.CancellationToken));

        using var cancellation = new CancellationTokenSource();
        using var interrupter = new CancelWhenPrinted("epoch 2/3", cancellation);
        var interruption = Assert.Throws<InterruptedException>(
            () => PipelineRunner.Run(config, new RunOptions(folder["parts"], null), Context(interrupter, cancellation.Token)));
        Assert.Contains($"--resume {folder["parts"]}", interruption.Message, StringComparison.Ordinal);
        Assert.Contains("stopped after 2 complete epochs", interruption.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(folder["parts"], "float.safetensors")));

        // The line that is printed repeats --output where it was given.
        PipelineRunner.Run(config, new RunOptions(folder["parts"], folder["parts"]), Context(TextWriter.Null, TestContext.Current.CancellationToken));

        Assert.Equal(File.ReadAllBytes(Path.Combine(folder["whole"], "float.safetensors")), File.ReadAllBytes(Path.Combine(folder["parts"], "float.safetensors")));
    }

    [Fact]
    public void Int8_that_loses_more_than_allowed_is_a_failed_check()
    {
        using var folder = new TemporaryFolder();
        var result = CommandLine.Run(["run", Quickstart, .. Small, "operation_mode=chain_tqe", "training.epochs=1", "quantization.max_accuracy_drop=0", "--output", folder["out"], "--json"]);

        var drop = result.Json.GetProperty("accuracy_drop_points").GetDouble();
        Assert.Equal(drop > 0 ? ExitCode.FailedCheck : ExitCode.Done, result.ExitCode);
        Assert.Equal(drop > 0, result.Json.TryGetProperty("failed_check", out _));
    }

    [Fact]
    public void Resuming_names_one_folder_and_one_that_exists()
    {
        using var folder = new TemporaryFolder();

        var absent = CommandLine.Run(["run", Quickstart, .. Small, "--resume", folder["absent"]]);
        var two = CommandLine.Run(["run", Quickstart, .. Small, "--resume", folder.Root, "--output", folder["other"]]);

        Assert.Equal((1, 1), (absent.ExitCode, two.ExitCode));
        Assert.Contains("there is no such folder", absent.Error, StringComparison.Ordinal);
        Assert.Contains("--resume continues in its own folder", two.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_with_files_in_it_is_not_written_to()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["precious.txt"], "mine");

        var result = CommandLine.Run(["run", Quickstart, .. Small, "--output", folder.Root]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("holds files already", result.Error, StringComparison.Ordinal);
        Assert.Equal([folder["precious.txt"]], Directory.GetFileSystemEntries(folder.Root));
    }

    [Theory]
    [InlineData("empty", "class folder 'b' holds no photos")]
    [InlineData("single", "only one class")]
    public void A_data_set_that_cannot_be_used_is_one_message_and_nothing_is_written(string kind, string message)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(folder["photos"], "a"));
        File.WriteAllBytes(Path.Combine(folder["photos"], "a", "1.png"), Data.Images.PngEncoder.Encode(new Data.Images.Image(8, 8, 3)));
        if (kind == "empty")
            Directory.CreateDirectory(Path.Combine(folder["photos"], "b"));

        var result = CommandLine.Run(["run", Quickstart, .. Small, $"dataset.training_path={folder["photos"]}", "--output", folder["out"]]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["out"]));
    }

    private static VerbContext Context(TextWriter error, CancellationToken cancellation) =>
        new(new Terminal(error, isInteractive: false), "kindling run tiny.yaml", cancellation);

    /// <summary>Cancels as soon as a text is printed, as a user would who sees it.</summary>
    private sealed class CancelWhenPrinted(string text, CancellationTokenSource cancellation) : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void WriteLine(string? value)
        {
            if (value?.Contains(text, StringComparison.Ordinal) == true)
                cancellation.Cancel();
        }
    }
}
