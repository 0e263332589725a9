using System.Xml.Linq;
using Kindling.Tests;

namespace Kindling.Cli.Tests;

/// <summary>Cards of a model that is trained as little as possible.</summary>
public sealed class CardTests
{
    private static readonly string[] Small =
    [
        "general.project_name=tiny", "operation_mode=chain_tqe", "dataset.synthetic_images=120", "training.model.input_shape=(32, 32, 3)", "training.batch_size=16", "training.epochs=1",
    ];

    private const string Minimal = """{ "name": "one", "network": "n", "input": "8x8x3", "data_set": "d", "evaluated_on": "1 photo", "class_names": [] }""";

    private static string Quickstart => Path.Combine(SharedData.Repository, "examples", "quickstart.yaml");

    [Fact]
    public void The_folder_of_a_run_gets_a_card_with_the_figures_of_evaluate_and_benchmark()
    {
        using var folder = new TemporaryFolder();
        var run = CommandLine.Run(["run", Quickstart, .. Small, "--output", folder["tiny"], "--json"]);
        Assert.Equal(0, run.ExitCode);

        var result = CommandLine.Run("card", folder["tiny"], "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(result.Output.Trim(), File.ReadAllText(Path.Combine(folder["tiny"], "card.json")).Trim());
        foreach (var format in new[] { "float", "int8" })
            Assert.Equal(run.Json.GetProperty(format).GetProperty("top1").GetDouble(), result.Json.GetProperty(format).GetProperty("top1").GetDouble());
        Assert.Equal("24 validation photos", result.Json.GetProperty("evaluated_on").GetString());
        Assert.Equal("mobilenet_v1_0.25", result.Json.GetProperty("network").GetString());
        Assert.Equal(1, result.Json.GetProperty("training").GetProperty("epochs").GetArrayLength());
        var markdown = File.ReadAllText(Path.Combine(folder["tiny"], "README.md"));
        Assert.StartsWith("# tiny\n", markdown, StringComparison.Ordinal);
        XDocument.Parse(File.ReadAllText(Path.Combine(folder["tiny"], "card.html")).Replace("<!DOCTYPE html>\n", "", StringComparison.Ordinal));
        Assert.DoesNotContain(folder.Root, markdown, StringComparison.Ordinal);

        if (Deployment.Toolchain.MissingForBoards().Count > 0)
        {
            Assert.Contains("Not measured:", markdown, StringComparison.Ordinal);
        }
        else
        {
            var benchmark = CommandLine.Run("benchmark", "--model", Path.Combine(folder["tiny"], "model_int8.tflite"), "--json").Json;
            foreach (var key in new[] { "activation_ram_bytes", "runtime_ram_bytes", "weights_flash_bytes", "code_flash_bytes", "instructions" })
                Assert.Equal(benchmark.GetProperty(key).GetInt64(), result.Json.GetProperty("device").GetProperty(key).GetInt64());
        }

        var index = CommandLine.Run("card", "--index", folder.Root);
        Assert.Equal(0, index.ExitCode);
        Assert.Contains("[tiny](tiny/README.md)", File.ReadAllText(folder["README.md"]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_float_model_in_half_precision_is_measured_too_and_takes_half_the_bytes()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(0, CommandLine.Run(["run", Quickstart, .. Small, "operation_mode=training", "--output", folder["tiny"]]).ExitCode);
        var floats = Path.Combine(folder["tiny"], "float.safetensors");
        var before = CommandLine.Run("card", folder["tiny"], "--json");
        var bytes = new FileInfo(floats).Length;
        var converted = CommandLine.Run("convert", floats, floats, "--half", "--json");
        Assert.Equal(0, converted.ExitCode);
        Assert.InRange(converted.Json.GetProperty("largest_difference").GetDouble(), 0, 0.01);

        var after = CommandLine.Run("card", folder["tiny"], "--json");

        Assert.Equal(0, after.ExitCode);
        Assert.InRange(new FileInfo(floats).Length, bytes * 45 / 100, bytes * 55 / 100);
        Assert.Contains("half precision", after.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("half precision", before.Output, StringComparison.Ordinal);
        Assert.False(after.Json.TryGetProperty("int8", out _));
        Assert.Contains("no int8", after.Error, StringComparison.Ordinal);
        // One photo of 24 may change sides.
        Assert.InRange(after.Json.GetProperty("float").GetProperty("top1").GetDouble() - before.Json.GetProperty("float").GetProperty("top1").GetDouble(), -1.01 / 24, 1.01 / 24);
    }

    [Fact]
    public void What_keeps_a_card_from_being_written_is_one_message()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["empty"]);
        Directory.CreateDirectory(folder["precious"]);
        File.WriteAllText(folder["precious/README.md"], "mine");
        File.WriteAllText(folder["precious/a.tflite"], "");
        Directory.CreateDirectory(folder["precious/one"]);
        File.WriteAllText(folder["precious/one/card.json"], Minimal);
        Directory.CreateDirectory(folder["broken/one"]);
        File.WriteAllText(folder["broken/one/card.json"], "{}");

        foreach (var (message, arguments) in new (string, string[])[]
        {
            ("holds no model", [folder["empty"]]),
            ("does not exist", [folder["absent"]]),
            ("is no card; name another folder", [folder["precious"]]),
            ("is no table of cards", ["--index", folder["precious"]]),
            ("no folder in it has a card.json", ["--index", folder["empty"]]),
            ("is no card", ["--index", folder["broken"]]),
            ("leave MODEL out", [folder["empty"], "--index", folder.Root]),
            ("card needs a model", []),
        })
        {
            var result = CommandLine.Run(["card", .. arguments]);
            Assert.Equal(1, result.ExitCode);
            Assert.Contains(message, result.Error, StringComparison.Ordinal);
        }

        Assert.Equal("mine", File.ReadAllText(folder["precious/README.md"]));
    }
}
