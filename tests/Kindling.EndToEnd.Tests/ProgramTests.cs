using System.Text.Json;
using Kindling.Tests;

namespace Kindling.EndToEnd.Tests;

/// <summary>What a user sees who starts the program on an ordinary machine.</summary>
public sealed class ProgramTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kindling-").FullName;

    private static string Quickstart => Path.Combine(SharedData.Repository, "examples", "quickstart.yaml");

    [Fact]
    public void A_machine_without_the_ARM_tool_chain_finishes_the_run_and_says_what_to_install()
    {
        // An empty folder as PATH hides compiler and simulator; the .NET host is started by its full path.
        var (code, output, error) = KindlingProcess.Run(
            new Dictionary<string, string> { ["PATH"] = _folder },
            "run", Quickstart, "dataset.synthetic_images=120", "training.model.input_shape=(32, 32, 3)", "training.batch_size=16", "training.epochs=1",
            "--output", Path.Combine(_folder, "out"), "--json");

        Assert.True(code == 0, error);
        using var document = JsonDocument.Parse(output);
        Assert.False(document.RootElement.TryGetProperty("benchmark", out _));
        Assert.Contains("gcc-arm-none-eabi", document.RootElement.GetProperty("skipped").ToString(), StringComparison.Ordinal);
        Assert.Contains("gcc-arm-none-eabi", File.ReadAllText(Path.Combine(_folder, "out", "report.html")), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder, "out", "c", "src", "network.c")));
    }

    [Fact]
    public void All_faults_of_a_configuration_come_at_once_with_line_and_nearest_match_and_nothing_is_written()
    {
        var config = Path.Combine(_folder, "config.yaml");
        File.WriteAllText(config, File.ReadAllText(Quickstart)
            .Replace("batch_size:", "batchsize:", StringComparison.Ordinal).Replace("color_mode: rgb", "color_mode: purple", StringComparison.Ordinal));

        var (code, output, error) = KindlingProcess.Run(null, "run", config, "--output", Path.Combine(_folder, "out"));

        Assert.Equal(1, code);
        Assert.Empty(output.Trim());
        Assert.Contains("batchsize", error, StringComparison.Ordinal);
        Assert.Contains("batch_size", error, StringComparison.Ordinal);
        Assert.Contains("purple", error, StringComparison.Ordinal);
        Assert.Contains("line", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder, "out")));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
