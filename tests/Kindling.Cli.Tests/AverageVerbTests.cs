using Kindling.Cli.Models;
using Kindling.Cli.Verbs;
using Kindling.Formats.Safetensors;
using Kindling.Tests;
using Kindling.Training;

namespace Kindling.Cli.Tests;

/// <summary>Several trainings of one network become one.</summary>
public sealed class AverageVerbTests : IDisposable
{
    private static readonly string Zoo = Path.Combine(SharedData.Repository, "zoo");
    private static readonly string First = Path.Combine(Zoo, "flowers_mobilenet_v1_0.25_96", "flowers_mobilenet_v1_0.25_96.safetensors");
    private static readonly string Second = Path.Combine(Zoo, "flowers_mobilenet_v1_0.25_224", "flowers_mobilenet_v1_0.25_224.safetensors");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Two_trainings_are_averaged_by_their_shares_into_a_file_that_can_be_used_like_theirs()
    {
        var result = CommandLine.Run("average", First, Second, "--shares", "1,3", "--output", _folder["mean.safetensors"], "--json");

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal([0.25, 0.75], result.Json.GetProperty("models").EnumerateArray().Select(m => m.GetProperty("share").GetDouble()));
        Assert.False(result.Json.TryGetProperty("top1", out _));
        var (a, b, mean) = (Floats(First), Floats(Second), Floats(_folder["mean.safetensors"]));
        Assert.Equal(a.Length, mean.Length);
        Assert.All(Enumerable.Range(0, mean.Length).Where(i => i % 97 == 0), i => Assert.Equal((0.25 * a[i]) + (0.75 * b[i]), mean[i], 1e-5));
        Assert.Equal(0, CommandLine.Run("show", _folder["mean.safetensors"]).ExitCode);
    }

    [Fact]
    public void Greedily_a_training_that_makes_the_mean_worse_is_left_out_and_the_table_says_so()
    {
        var (photos, spoilt) = (_folder["photos"], _folder["spoilt.safetensors"]);
        FlowerPhotos.Write(photos, 4);
        var (graph, description) = ModelFile.ReadForTraining(First, null);
        foreach (ref var weight in graph.Constants.Last(c => c.Shape.Rank > 1).Constant!.AsSpan<float>())
            weight *= -10;
        Checkpoint.SaveWeights(graph, spoilt, description);
        string[] command = ["average", spoilt, First, "--greedy", "--data", photos, "--output", _folder["mean.safetensors"]];
        var result = CommandLine.Run([.. command, "--json"]);

        Assert.True(result.ExitCode == 0, result.Error);
        var models = result.Json.GetProperty("models").EnumerateArray().ToList();
        Assert.Equal([0, 1], models.Select(m => m.GetProperty("share").GetDouble()));
        Assert.True(models[0].GetProperty("top1").GetDouble() < 0.5);
        Assert.Equal(models[1].GetProperty("top1").GetDouble(), result.Json.GetProperty("top1").GetDouble());
        Assert.Equal(Floats(First), Floats(_folder["mean.safetensors"]));
        Assert.Contains("left out", CommandLine.Run(command).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_greedy_soup_tries_the_others_from_the_best_down_and_keeps_what_does_not_lower_the_accuracy()
    {
        List<string> tried = [];
        var kept = AverageVerb.Choose([0.7, 0.9, 0.8, 0.6], k =>
        {
            var names = string.Join("", k);
            tried.Add(names);
            return names switch { "12" => 0.85, "10" => 0.9, "103" => 0.91, _ => throw new InvalidOperationException(names) };
        });

        Assert.Equal([1, 0, 3], kept);
        Assert.Equal(["12", "10", "103"], tried);
    }

    [Fact]
    public void Wrong_files_shares_and_options_are_refused_and_leave_nothing_behind()
    {
        var output = _folder["mean.safetensors"];
        Refused("1 numbers above 0", "average", First, "--shares", "1,2", "--output", output);
        Refused("2 numbers above 0 are needed", "average", First, Second, "--shares", "1,x", "--output", output);
        Refused("needs --data and takes no --shares", "average", First, Second, "--greedy", "--output", output);
        Refused("does not exist", "average", First, _folder["none.safetensors"], "--output", output);
        Refused("only .safetensors files written by Kindling", "average", First, Path.ChangeExtension(First, null) + "_int8.tflite", "--output", output);
        Refused("averaged weights are written as .safetensors", "average", First, Second, "--output", _folder["mean.onnx"]);
        Refused("only trainings of one network can be averaged", "average", First, Path.Combine(Zoo, "flowers_squeezenet_v1.1_128", "flowers_squeezenet_v1.1_128.safetensors"), "--output", output);
        Assert.False(File.Exists(output));

        static void Refused(string message, params string[] arguments)
        {
            var result = CommandLine.Run(arguments);
            Assert.Equal(1, result.ExitCode);
            Assert.Contains(message, result.Error, StringComparison.Ordinal);
        }
    }

    private static float[] Floats(string path) =>
        [.. SafetensorsFile.Read(path).Tensors.OrderBy(t => t.Name, StringComparer.Ordinal).SelectMany(t => t.Type == SafetensorsType.F16
            ? System.Runtime.InteropServices.MemoryMarshal.Cast<byte, Half>(t.Bytes.Span).ToArray().Select(h => (float)h)
            : System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(t.Bytes.Span).ToArray())];
}
