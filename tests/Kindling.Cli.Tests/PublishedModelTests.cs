using System.Globalization;
using System.Text.Json;
using Kindling.Tests;

namespace Kindling.Cli.Tests;

/// <summary>The verbs on a published int8 model, which says nothing about its preprocessing.</summary>
public sealed class PublishedModelTests
{
    private const string Model = "models/st/mobilenet_v1_0.25_96_flowers_int8.tflite";

    [Fact]
    public void Show_adds_the_published_model_up()
    {
        var json = CommandLine.Run("show", SharedData.Require(Model), "--json").Json;

        Assert.Equal(219_844, json.GetProperty("weight_bytes").GetInt64());
        Assert.Equal(55_296, json.GetProperty("arena_bytes").GetInt64());
        Assert.Equal(127, json.GetProperty("inputs")[0].GetProperty("zero_point").GetInt32());
    }

    [Fact]
    public void Trace_prints_the_golden_checksums_of_every_operator()
    {
        var model = SharedData.Require(Model);
        using var golden = JsonDocument.Parse(File.ReadAllText(SharedData.Require("golden/mcu-golden.json")));
        var expected = golden.RootElement.GetProperty("models").EnumerateObject().Single(m => m.Name == "mobilenet_v1_0.25_96").Value;
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["noise.raw"], Noise(96 * 96 * 3));

        var result = CommandLine.Run("trace", "--model", model, "--input", folder["noise.raw"], "--json");

        Assert.Equal(0, result.ExitCode);
        var steps = result.Json.GetProperty("steps").EnumerateArray().Select(s => Convert.ToUInt32(s.GetProperty("crc32").GetString(), 16)).ToList();
        Assert.Equal(GoldenCrcs(expected), steps);
        Assert.Equal(5, result.Json.GetProperty("outputs")[0].GetProperty("values").GetArrayLength());
    }

    [Fact]
    public void A_raw_input_of_another_size_is_refused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["short.raw"], new byte[10]);

        var result = CommandLine.Run("trace", "--model", SharedData.Require(Model), "--input", folder["short.raw"]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("has 10 bytes", result.Error, StringComparison.Ordinal);
        Assert.Contains("takes 27648", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_and_predict_agree_and_say_what_was_assumed_about_the_preprocessing()
    {
        var model = SharedData.Require(Model);
        using var folder = new TemporaryFolder();
        FlowerPhotos.Write(folder["flowers"], perClass: 4);

        var evaluated = CommandLine.Run("evaluate", "--model", model, "--data", folder["flowers"], "--resize", "nearest", "--json");
        var predicted = CommandLine.Run("predict", "--model", model, folder["flowers"], "--resize", "nearest", "--json");

        Assert.Equal(0, evaluated.ExitCode);
        Assert.Contains("does not say how photos are prepared: nearest to 96x96, red, green, blue", evaluated.Error, StringComparison.Ordinal);
        Assert.Equal(20, evaluated.Json.GetProperty("images").GetInt32());
        Assert.Equal(1, evaluated.Json.GetProperty("top5").GetDouble());
        var diagonal = evaluated.Json.GetProperty("confusion").EnumerateArray().Select((row, i) => row[i].GetInt32()).Sum();
        Assert.Equal(diagonal / 20.0, evaluated.Json.GetProperty("top1").GetDouble(), 12);

        string[] classes = ["daisy", "dandelion", "roses", "sunflowers", "tulips"];
        var hits = predicted.Json.GetProperty("images").EnumerateArray().Count(image =>
            classes[int.Parse(image.GetProperty("classes")[0].GetProperty("name").GetString()!, CultureInfo.InvariantCulture)]
            == Path.GetFileName(Path.GetDirectoryName(image.GetProperty("file").GetString())));
        Assert.Equal(diagonal, hits);
        Assert.True(diagonal >= 12, $"the published model knows most flowers, not {diagonal} of 20");
    }

    [Fact]
    public void Unreadable_photos_are_named_counted_and_left_out_unless_they_are_an_error()
    {
        var model = SharedData.Require(Model);
        using var folder = new TemporaryFolder();
        FlowerPhotos.Write(folder["flowers"], perClass: 1);
        File.WriteAllText(Path.Combine(folder["flowers"], "roses", "broken.jpg"), "no image");

        var lenient = CommandLine.Run("evaluate", "--model", model, "--data", folder["flowers"], "--json");
        var strict = CommandLine.Run("evaluate", "--model", model, "--data", folder["flowers"], "--check-image-files");

        Assert.Equal(0, lenient.ExitCode);
        Assert.Equal(1, lenient.Json.GetProperty("skipped_images").GetInt32());
        Assert.Contains("roses/broken.jpg is left out", lenient.Error, StringComparison.Ordinal);
        Assert.Equal(1, strict.ExitCode);
        Assert.Contains("roses/broken.jpg", strict.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Deploy_writes_C_into_a_folder()
    {
        using var folder = new TemporaryFolder();

        var result = CommandLine.Run("deploy", "--model", SharedData.Require(Model), "--output", folder["c"], "--target", "stm32h7", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.True(File.Exists(Path.Combine(folder["c"], "src", "network.h")));
        Assert.Contains("Arena of 28.9 KiB", File.ReadAllText(Path.Combine(folder["c"], "memory_plan.svg")), StringComparison.Ordinal);
        Assert.Equal(29_600, result.Json.GetProperty("arena_bytes").GetInt64());
        Assert.True(result.Json.GetProperty("fits").GetBoolean());
        Assert.True(result.Json.GetProperty("camera_frames").GetBoolean());
        Assert.Contains("does not say how photos are prepared: nearest to 96x96", result.Error, StringComparison.Ordinal);
        Assert.Contains("_RESIZE_NEAREST 1", File.ReadAllText(Path.Combine(folder["c"], "src", "network_config.h")), StringComparison.Ordinal);
    }

    [Fact]
    public void Deploy_builds_a_photo_into_the_examples_and_writes_an_archive()
    {
        using var folder = new TemporaryFolder();
        FlowerPhotos.Write(folder["flowers"], 1);
        var photo = Directory.GetFiles(folder["flowers"], "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        string[] deploy = ["deploy", "--model", SharedData.Require(Model), "--name", "flowers", "--json", "--output"];

        var drawn = CommandLine.Run([.. deploy, folder["drawn.zip"]]);
        var result = CommandLine.Run([.. deploy, folder["photo.zip"], "--image", photo, "--resize", "bilinear", "--target", "stm32l4"]);

        Assert.Equal((0, 0), (drawn.ExitCode, result.ExitCode));
        Assert.Matches(@"^class [0-4]: 0\.[0-9]{3}$", result.Json.GetProperty("example_answer").GetString());
        Assert.NotEqual(drawn.Json.GetProperty("example_answer").GetString(), result.Json.GetProperty("example_answer").GetString());
        using var archive = System.IO.Compression.ZipFile.OpenRead(folder["photo.zip"]);
        Assert.Equal(
            result.Json.GetProperty("files").EnumerateArray().Select(f => $"kindling_flowers/{f.GetString()}"), archive.Entries.Select(e => e.FullName));
        using var toolchain = new StreamReader(archive.GetEntry("kindling_flowers/arm-none-eabi.cmake")!.Open());
        Assert.Contains("-mcpu=cortex-m4", toolchain.ReadToEnd(), StringComparison.Ordinal);
        using var settings = new StreamReader(archive.GetEntry("kindling_flowers/src/network_config.h")!.Open());
        Assert.Contains("_RESIZE_BILINEAR 1", settings.ReadToEnd(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no function for camera frames: photos are resized with bicubic", 0, "--resize", "bicubic")]
    [InlineData("--shorter-side 50 is less than the input, 96x96", 1, "--shorter-side", "50")]
    [InlineData("nowhere.jpg", 1, "--image", "nowhere.jpg")]
    [InlineData("there is no preprocessing 'tensorflo'", 1, "--preprocessing", "tensorflo")]
    public void Deploy_says_what_it_cannot_do(string message, int exitCode, params string[] arguments)
    {
        using var folder = new TemporaryFolder();

        var result = CommandLine.Run(["deploy", "--model", SharedData.Require(Model), "--output", folder["c"], .. arguments]);

        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.Equal(exitCode == 0, Directory.Exists(folder["c"]));
    }

    [Fact]
    public void Benchmark_prints_the_contracted_keys()
    {
        if (Deployment.Toolchain.MissingForBoards().Count > 0)
            Assert.Skip("the ARM tool chain or QEMU is not installed");

        var result = CommandLine.Run("benchmark", "--model", SharedData.Require(Model), "--target", "stm32h7", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.True(result.Json.GetProperty("outputs_equal_host").GetBoolean());
        Assert.Equal(29_600, result.Json.GetProperty("activation_ram_bytes").GetInt64());
        Assert.Equal(7_490_432, result.Json.GetProperty("macs").GetInt64());
        Assert.All(["runtime_ram_bytes", "weights_flash_bytes", "code_flash_bytes", "instructions"], key => Assert.True(result.Json.GetProperty(key).GetInt64() > 0));
        var time = result.Json.GetProperty("time");
        Assert.InRange(time.GetProperty("milliseconds").GetDouble(), time.GetProperty("lowest_milliseconds").GetDouble(), 2 * 35.48);
        Assert.InRange(time.GetProperty("error").GetDouble(), 0.01, time.GetProperty("family_error").GetDouble());
    }

    [Fact]
    public void Benchmark_of_all_boards_prints_a_row_for_each_also_for_the_refused_one()
    {
        if (Deployment.Toolchain.MissingForBoards().Count > 0)
            Assert.Skip("the ARM tool chain or QEMU is not installed");

        var result = CommandLine.Run("benchmark", "--model", SharedData.Require(Model), "--target", "all", "--json");

        Assert.Equal(0, result.ExitCode);
        var rows = result.Json.GetProperty("boards").EnumerateArray().ToList();
        Assert.Equal(Deployment.Targets.All.Select(t => t.Board), rows.Select(r => r.GetProperty("board").GetString()));
        var refused = Assert.Single(rows, r => r.GetProperty("target").GetString() == "stm32l0");
        Assert.Contains("20 KiB of RAM", refused.GetProperty("not_measured").GetString());
        Assert.All(rows.Where(r => r.GetProperty("core").GetString()!.StartsWith("Cortex-M", StringComparison.Ordinal) && r.GetProperty("target").GetString() != "stm32l0"), r =>
        {
            Assert.True(r.GetProperty("outputs_equal_host").GetBoolean());
            Assert.True(r.GetProperty("fits").GetBoolean());
            Assert.InRange(r.GetProperty("spare_ram_bytes").GetInt64(), 1, 768 << 10);
            Assert.True(r.GetProperty("time").GetProperty("lowest_milliseconds").GetDouble() > 0);
        });
    }

    [Fact]
    public void The_times_that_estimates_are_fitted_to_are_the_published_ones()
    {
        foreach (var point in Deployment.Calibration.Published.Points)
        {
            var figure = Assert.Single(
                Reports.Cards.PublishedFigures.For(point.Network, point.Input),
                f => f.Quantity == Reports.Cards.PublishedFigures.Time && f.Condition.StartsWith($"{point.Board}, 1 CPU, X-CUBE-AI", StringComparison.Ordinal));
            Assert.Equal((point.ClockMhz, point.Milliseconds), (figure.ClockMhz, figure.Value));
        }
    }

    /// <summary>The first input of the golden file.</summary>
    private static byte[] Noise(int count)
    {
        var state = 1u;
        var bytes = new byte[count];
        for (var i = 0; i < count; i++)
        {
            state = (state * 1664525) + 1013904223;
            bytes[i] = (byte)(state >> 24);
        }

        return bytes;
    }

    private static IEnumerable<uint> GoldenCrcs(JsonElement model) =>
        model.GetProperty("ops").EnumerateArray().Select(op => Convert.ToUInt32(op.GetProperty("crc32")[0].GetString(), 16));
}
