using Kindling.Tests;

namespace Kindling.EndToEnd.Tests;

/// <summary>Stopping the program at any moment loses at most the epoch under way, and the weights come out as if nothing had happened.</summary>
public sealed class InterruptionTests : IDisposable
{
    private const int Epochs = 5;
    private readonly string _folder = Directory.CreateTempSubdirectory("kindling-").FullName;

    private static string Quickstart => Path.Combine(SharedData.Repository, "examples", "quickstart.yaml");

    [Fact]
    public void Ctrl_C_ends_with_130_and_resuming_gives_the_weights_of_an_uninterrupted_run()
    {
        var expected = Uninterrupted();
        using (var run = KindlingProcess.Start(Train("stopped")))
        {
            run.WaitFor("epoch 2/");
            run.Signal("INT");
            Assert.Equal(130, run.WaitForExit());
            Assert.Contains("--resume", run.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        }

        Assert.Equal(expected, Resumed("stopped"));
    }

    [Theory]
    [InlineData("epoch 1/", 0)]
    [InlineData("epoch 3/", 40)]
    [InlineData("epoch 4/", 5)]
    public void A_kill_at_any_moment_leaves_a_checkpoint_to_resume_from(string after, int milliseconds)
    {
        var expected = Uninterrupted();
        using (var run = KindlingProcess.Start(Train("killed")))
        {
            run.WaitFor(after);
            Thread.Sleep(milliseconds);
            run.Signal("KILL");
            Assert.NotEqual(0, run.WaitForExit());
        }

        Assert.Equal(expected, Resumed("killed"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private byte[] Uninterrupted()
    {
        var (code, _, error) = KindlingProcess.Run(null, Train("whole"));
        Assert.True(code == 0, error);
        return Weights("whole");
    }

    private byte[] Resumed(string name)
    {
        var (code, _, error) = KindlingProcess.Run(null, [.. Train(name), "--resume", Path.Combine(_folder, name)]);
        Assert.True(code == 0, error);
        return Weights(name);
    }

    private byte[] Weights(string name) => File.ReadAllBytes(Path.Combine(_folder, name, "float.safetensors"));

    private string[] Train(string name) =>
    [
        "train", Quickstart, "dataset.synthetic_images=400", "training.model.input_shape=(32, 32, 3)", "training.batch_size=16", $"training.epochs={Epochs}",
        "--output", Path.Combine(_folder, name),
    ];
}
