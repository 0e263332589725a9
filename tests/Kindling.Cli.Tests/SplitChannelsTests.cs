using Kindling.Formats.Onnx;
using Kindling.Graphs;
using Kindling.Zoo;

namespace Kindling.Cli.Tests;

/// <summary><c>kindling quantize --split-channels</c>.</summary>
public sealed class SplitChannelsTests
{
    [Fact]
    public void Named_layers_are_split_and_what_they_add_is_said()
    {
        using var folder = new TemporaryFolder();
        var result = Run(folder, "--split-channels", "fire2/squeeze1x1, fire3/squeeze1x1", "--split-pieces", "3", "--json");
        Assert.True(result.ExitCode == 0, result.Error);
        var splits = result.Json.GetProperty("splits").EnumerateArray().ToList();
        Assert.Equal(["fire2/squeeze1x1", "fire3/squeeze1x1"], splits.Select(s => s.GetProperty("name").GetString()));
        Assert.All(splits, s => Assert.Equal(3, s.GetProperty("pieces").GetInt32()));
        Assert.Contains("fire2/squeeze1x1, 16 channels to 48: +", result.Error, StringComparison.Ordinal);
        Assert.Contains("together: +", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Auto_says_when_nothing_is_split()
    {
        using var folder = new TemporaryFolder();
        var result = Run(folder, "--split-channels", "auto", "--split-growth", "0.0001");
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("no layer was split", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("but --split-channels is missing", "--split-pieces", "3")]
    [InlineData("cannot be combined with --qat", "--split-channels", "auto", "--qat", "1")]
    [InlineData("allowed are 2 to 4", "--split-channels", "auto", "--split-pieces", "5")]
    [InlineData("one weight scale for each output channel", "--split-channels", "auto", "--weights", "per-tensor")]
    [InlineData("fire2/expand1x1 cannot be split: it is concatenated", "--split-channels", "fire2/expand1x1")]
    public void What_does_not_fit_is_refused(string message, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        var result = Run(folder, arguments);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    private static CommandLine Run(TemporaryFolder folder, params string[] arguments)
    {
        FlowerPhotos.Write(folder["flowers"], perClass: 1);
        var metadata = new ModelMetadata(new Preprocessing(64, 64, ColorMode.Rgb, [1 / 127.5f], [-1]), ["a", "b", "c", "d", "e"]);
        OnnxWriter.Write(SqueezeNet.V11(new ModelOptions { Height = 64, Width = 64, Classes = 5, Metadata = metadata }), folder["float.onnx"]);
        return CommandLine.Run(["quantize", "--model", folder["float.onnx"], "--data", folder["flowers"], "--method", "mse", "--output", folder["int8.onnx"], "--format", "onnx-qdq", .. arguments]);
    }
}
