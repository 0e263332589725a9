using System.Text.Json;
using Kindling.Cli.Hosting;

namespace Kindling.Cli.Tests;

public sealed class CommandLineTests
{
    public static TheoryData<string> Verbs() => [.. CommandHost.AllVerbs().Select(v => v.Command.Name)];

    [Fact]
    public void The_verbs_are_those_of_the_contract() => Assert.Equal(
        ["quickstart", "run", "train", "schedule", "average", "evaluate", "quantize", "verify", "predict", "convert", "benchmark", "deploy", "card", "zoo", "show", "augment", "trace"],
        CommandHost.AllVerbs().Select(v => v.Command.Name));

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Every_verb_has_help_with_an_example_and_json(string verb)
    {
        var result = CommandLine.Run(verb, "--help");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains($"  kindling {verb}", result.Output[result.Output.IndexOf("Example", StringComparison.Ordinal)..], StringComparison.Ordinal);
        Assert.Contains("--json", result.Output, StringComparison.Ordinal);
        Assert.Empty(result.Error);
    }

    [Fact]
    public void Without_arguments_the_verbs_are_listed()
    {
        var result = CommandLine.Run();

        Assert.Equal(0, result.ExitCode);
        Assert.All(CommandHost.AllVerbs(), v => Assert.Contains($"  {v.Command.Name}", result.Output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("shw")]
    [InlineData("show")]
    [InlineData("show", "a", "b")]
    [InlineData("evaluate", "--model", "x.tflite")]
    [InlineData("evaluate", "--model", "x.tflite", "--data", "y", "--subset", "some")]
    public void A_command_line_that_makes_no_sense_ends_with_1_and_a_hint(params string[] arguments)
    {
        var result = CommandLine.Run(arguments);

        Assert.Equal(1, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.Contains("--help", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unknown command 'trian' (did you mean train?); allowed: quickstart, run,", "trian")]
    [InlineData("Did you mean --model instead of --modle?", "evaluate", "--modle", "x.tflite", "--data", "y")]
    [InlineData("Did you mean --json instead of --jsno?", "zoo", "--jsno")]
    public void A_misspelt_command_or_option_is_met_with_the_nearest_one(string message, params string[] arguments)
    {
        var result = CommandLine.Run(arguments);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model nowhere.tflite does not exist", "show", "nowhere.tflite")]
    [InlineData("did you mean", "show", "mobilenet_v1_0.26")]
    [InlineData("HEIGHTxWIDTHxCHANNELS", "show", "mobilenet_v1_0.25", "--input", "96")]
    [InlineData("nowhere.yaml cannot be read", "run", "nowhere.yaml")]
    [InlineData("model nowhere.tflite does not exist", "evaluate", "--model", "nowhere.tflite", "--data", ".")]
    [InlineData("model nowhere.tflite does not exist", "predict", "--model", "nowhere.tflite", "a.jpg")]
    [InlineData("target mars is unknown", "deploy", "--model", "nowhere.tflite", "--output", "c", "--target", "mars")]
    [InlineData("model nowhere.tflite does not exist", "benchmark", "--model", "nowhere.tflite")]
    [InlineData("model nowhere.tflite does not exist", "trace", "--model", "nowhere.tflite", "--input", "x")]
    public void A_users_mistake_is_one_message_without_a_stack_trace_and_exit_code_1(string message, params string[] arguments)
    {
        var result = CommandLine.Run(arguments);

        Assert.Equal(1, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void With_json_a_failure_is_one_document_too()
    {
        var result = CommandLine.Run("show", "nowhere.tflite", "--json");

        Assert.Equal(1, result.ExitCode);
        Assert.Equal(1, result.Json.GetProperty("exit_code").GetInt32());
        Assert.Equal("model nowhere.tflite does not exist", result.Json.GetProperty("error").GetString());
    }

    [Fact]
    public void All_faults_of_a_configuration_are_listed_and_nothing_is_written()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["bad.yaml"], "operation_mode: training\ntraning: {}\n");

        var result = CommandLine.Run("run", folder["bad.yaml"], "--output", folder["out"]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("line 2: traning: unknown key 'traning' (did you mean training?)", result.Error, StringComparison.Ordinal);
        Assert.Contains("dataset: missing section", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["out"]));
    }

    [Fact]
    public void Show_prints_the_contracted_keys()
    {
        var result = CommandLine.Run("show", "mobilenet_v1_0.25", "--input", "96x96x3", "--classes", "5", "--json");
        var json = result.Json;

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("mobilenet_v1_0.25", json.GetProperty("name").GetString());
        Assert.Equal([1, 96, 96, 3], Integers(json.GetProperty("inputs")[0].GetProperty("shape")));
        Assert.Equal([1, 5], Integers(json.GetProperty("outputs")[0].GetProperty("shape")));
        Assert.Equal(219_829, json.GetProperty("parameters").GetInt64());
        Assert.Equal(7_490_432, json.GetProperty("macs").GetInt64());
        Assert.Equal(219_829 * 4, json.GetProperty("weight_bytes").GetInt64());
        Assert.True(json.GetProperty("arena_bytes").GetInt64() >= 48 * 48 * 16 * 4);
        var layers = json.GetProperty("layers").EnumerateArray().ToList();
        Assert.Equal("conv1", layers[0].GetProperty("name").GetString());
        Assert.Equal("CONV_2D", layers[0].GetProperty("operator").GetString());
        Assert.Equal(json.GetProperty("macs").GetInt64(), layers.Sum(l => l.GetProperty("macs").GetInt64()));
        Assert.Equal(json.GetProperty("parameters").GetInt64(), layers.Sum(l => l.GetProperty("parameters").GetInt64()));
    }

    [Fact]
    public void Show_prints_the_layer_table_of_a_network_of_the_zoo_with_its_totals()
    {
        var text = CommandLine.Run("show", "squeezenet_v1.1", "--classes", "1000", "--input", "224x224x3").Output;

        Assert.Matches(@"\n  fire2/concat +CONCATENATION +55x55x128 +float32 +0 +0 +fire2/expand1x1, fire2/expand3x3\n", text);
        Assert.Matches(@"\n  conv10 +CONV_2D +13x13x1000 +float32 +513,000 +86,528,000 +fire9/concat\n", text);
        Assert.Contains("parameters  1,235,496 (1,235,496 trainable, 0 not)", text, StringComparison.Ordinal);
        Assert.Contains(
            "parameters  516,153 (504,793 trainable, 11,360 not)", CommandLine.Run("show", "st_efficientnet_lc_v1").Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("did you mean efficientnet_b0?", "efficientnet_bo", "224x224x3")]
    [InlineData("must be square with a multiple of 32 as its side, such as 96x96", "st_efficientnet_lc_v1", "100x96x3")]
    [InlineData("such as 128x128", "st_efficientnet_lc_v1", "120x120x3")]
    public void Show_explains_what_is_wrong_with_a_network_or_its_input(string message, string network, string input)
    {
        var result = CommandLine.Run("show", network, "--input", input);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Zoo_lists_every_network_with_its_size_at_its_published_input()
    {
        var text = CommandLine.Run("zoo").Output;
        Assert.All(Zoo.ZooCatalogue.Models, m => Assert.Contains(m.Name + " ", text, StringComparison.Ordinal));
        var models = CommandLine.Run("zoo", "--json").Json.GetProperty("models").EnumerateArray().ToList();
        var lc = models.Single(m => m.GetProperty("name").GetString() == "st_efficientnet_lc_v1");
        Assert.Equal("128x128x3", lc.GetProperty("input").GetString());
        Assert.Equal(516_153, lc.GetProperty("parameters").GetInt64());
        Assert.Equal("v1", lc.GetProperty("version").GetString());
    }

    private static int[] Integers(JsonElement array) => [.. array.EnumerateArray().Select(e => e.GetInt32())];
}
