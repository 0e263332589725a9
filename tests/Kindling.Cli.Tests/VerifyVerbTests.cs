using Kindling.Tests;

namespace Kindling.Cli.Tests;

/// <summary>Float, int8 and C side by side.</summary>
public sealed class VerifyVerbTests
{
    private const string Model = "models/st/mobilenet_v1_0.25_96_flowers_int8.tflite";

    [Fact]
    public void A_published_model_is_compared_layer_by_layer_and_its_C_gives_the_host_s_outputs()
    {
        if (Deployment.Toolchain.Find(Deployment.ToolKind.HostCompiler) is null)
            Assert.Skip("no C compiler on the PATH");
        using var folder = new TemporaryFolder();
        FlowerPhotos.Write(folder["flowers"], perClass: 2);

        var result = CommandLine.Run("verify", SharedData.Require(Model), "--images", folder["flowers"], "--output", folder["verify.html"], "--json");

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(10, result.Json.GetProperty("images").GetInt32());
        Assert.Equal((10, 10), (result.Json.GetProperty("outputs_identical").GetInt32(), result.Json.GetProperty("outputs_compared").GetInt32()));
        Assert.InRange(result.Json.GetProperty("agreeing").GetInt32(), 8, 10);
        var layers = result.Json.GetProperty("layers").EnumerateArray().ToList();
        Assert.Equal("INPUT", layers[0].GetProperty("operator").GetString());
        Assert.Equal("SOFTMAX", layers[^1].GetProperty("operator").GetString());
        Assert.All(layers.Skip(1), l => Assert.InRange(l.GetProperty("signal_to_noise").GetDouble(), 5, 80));
        var page = File.ReadAllText(folder["verify.html"]);
        Assert.Contains("10 of 10", page, StringComparison.Ordinal);
        Assert.Equal(layers.Count, page.Split("<rect ").Length - 1);
        Assert.Contains("data:image/png;base64,", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_line_says_how_many_outputs_are_identical()
    {
        if (Deployment.Toolchain.Find(Deployment.ToolKind.HostCompiler) is null)
            Assert.Skip("no C compiler on the PATH");
        using var folder = new TemporaryFolder();
        FlowerPhotos.Write(folder["flowers"], perClass: 1);

        var result = CommandLine.Run("verify", SharedData.Require(Model), "--images", folder["flowers"], "--output", folder["verify.html"]);

        Assert.Equal("host int8 = C: 5 of 5 outputs identical", result.Output.TrimEnd().Split('\n')[^1]);
    }

    [Theory]
    [InlineData("cortex-m4,80MHz,128KiB,512KiB")]
    [InlineData("STM32MP157F-DK2")]
    public void The_C_is_run_on_a_simulated_board_when_one_is_named(string target)
    {
        if (Deployment.Toolchain.MissingFor(Deployment.Targets.Find(target)) is [var missing, ..])
            Assert.Skip(missing.Message);
        using var folder = new TemporaryFolder();
        FlowerPhotos.Write(folder["flowers"], perClass: 1);

        var result = CommandLine.Run("verify", SharedData.Require(Model), "--images", folder["flowers"], "--output", folder["verify.html"], "--target", target);

        Assert.EndsWith("host int8 = C: 5 of 5 outputs identical", result.Output.TrimEnd(), StringComparison.Ordinal);
        Assert.Contains("and running it in QEMU", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_does_not_exist_is_named()
    {
        using var folder = new TemporaryFolder();
        var result = CommandLine.Run("verify", folder["none.tflite"], "--images", folder.Root);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("none.tflite does not exist", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_float_model_of_another_toolkit_is_matched_layer_by_layer_although_its_names_differ()
    {
        if (Deployment.Toolchain.Find(Deployment.ToolKind.HostCompiler) is null)
            Assert.Skip("no C compiler on the PATH");
        using var folder = new TemporaryFolder();
        FlowerPhotos.Write(folder["flowers"], perClass: 1);

        var result = CommandLine.Run(
            "verify", SharedData.Require(Model), "--images", folder["flowers"], "--output", folder["verify.html"], "--json",
            "--float", SharedData.Require("models/st/mobilenet_v1_0.25_96_flowers_float.h5"));

        Assert.True(result.ExitCode == 0, result.Error);
        var layers = result.Json.GetProperty("layers").EnumerateArray().ToList();
        Assert.Equal(27, layers.Count(l => l.GetProperty("operator").GetString() is "CONV_2D" or "DEPTHWISE_CONV_2D"));
        Assert.All(layers, l => Assert.True(l.GetProperty("signal_to_noise").GetDouble() > 5, l.ToString()));
    }

    [Theory]
    [InlineData("zoo/flowers_mobilenet_v1_0.25_224/flowers_mobilenet_v1_0.25_224.safetensors", "it takes 224x224x3 images")]
    [InlineData("zoo/flowers_mobilenet_v1_0.25_96/flowers_mobilenet_v1_0.25_96_int8.tflite", "is quantized itself; name the float model")]
    [InlineData("none.h5", "model none.h5 does not exist")]
    public void A_float_model_that_cannot_be_the_one_is_refused_in_words(string floats, string expected)
    {
        using var folder = new TemporaryFolder();
        FlowerPhotos.Write(folder["flowers"], perClass: 1);
        var path = floats.StartsWith("zoo/", StringComparison.Ordinal) ? Path.Combine(SharedData.Repository, floats) : floats;

        var result = CommandLine.Run("verify", SharedData.Require(Model), "--images", folder["flowers"], "--output", folder["verify.html"], "--float", path);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["verify.html"]));
    }
}
