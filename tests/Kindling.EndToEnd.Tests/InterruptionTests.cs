using System.Diagnostics;
using Kindling.Tests;

namespace Kindling.EndToEnd.Tests;

/// <summary>Stopping the program at any moment loses at most the epoch under way, and the weights come out as if nothing had happened.</summary>
public sealed class InterruptionTests : IDisposable
{
    private const int Epochs = 5;

    // The signal has to arrive while there is something left to train, on a fast machine too.
    private const int LongEnough = 100;
    private readonly string _folder = Directory.CreateTempSubdirectory("kindling-").FullName;

    private static string Quickstart => Path.Combine(SharedData.Repository, "examples", "quickstart.yaml");

    [Fact]
    public void Ctrl_C_ends_with_130_and_resuming_gives_the_weights_of_an_uninterrupted_run()
    {
        var expected = Uninterrupted(LongEnough);
        using (var run = KindlingProcess.Start(Train("stopped", LongEnough)))
        {
            run.WaitFor("epoch 1/");
            run.Signal("INT");
            Assert.Equal(130, run.WaitForExit());
            Assert.Contains("--resume", run.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        }

        Assert.Equal(expected, Resumed("stopped", LongEnough));
    }

    [Fact]
    public void Ten_kills_at_random_moments_leave_the_weights_of_an_uninterrupted_run()
    {
        const int Kills = 10;
        var clock = Stopwatch.StartNew();
        var expected = Uninterrupted();
        var whole = clock.ElapsedMilliseconds;
        var random = new Random(20);
        var (killed, begun) = (0, 0);
        while (killed < Kills)
        {
            var name = $"killed{begun}";
            using var run = KindlingProcess.Start(HasCheckpoint(name) ? [.. Train(name), "--resume", Path.Combine(_folder, name)] : Train(name));
            // From before the photos are decoded to after the last epoch, as it comes.
            Thread.Sleep((int)(random.NextDouble() * whole));
            if (run.TryKill())
            {
                killed++;
                if (!HasCheckpoint(name))
                    begun++;
                continue;
            }

            Assert.True(run.WaitForExit() == 0, run.Error);
            Assert.Equal(expected, Weights(name));
            begun++;
        }

        if (HasCheckpoint($"killed{begun}"))
            Assert.Equal(expected, Resumed($"killed{begun}"));
    }

    [Fact]
    public void One_thread_and_two_give_the_same_weights_with_everything_that_draws_at_random()
    {
        string[] everything =
        [
            "training.dropout=0.2", "training.mixup={alpha: 0.4}", "training.cutmix={alpha: 1}", "training.ema={decay: 0.9}", "training.label_smoothing=0.1",
            "training.optimizer.Adam.global_clipnorm=1", "training.epochs=2",
        ];

        var weights = new[] { 1, 2 }.Select(threads =>
        {
            var name = $"threads{threads}";
            var (code, _, error) = KindlingProcess.Run(null, [.. Train(name), .. everything, $"general.num_threads={threads}"]);
            Assert.True(code == 0, error);
            return Weights(name);
        }).ToList();

        Assert.Equal(weights[0], weights[1]);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private bool HasCheckpoint(string name) => File.Exists(Path.Combine(_folder, name, "saved_models", "last.safetensors"));

    private byte[] Uninterrupted(int epochs = Epochs)
    {
        var (code, _, error) = KindlingProcess.Run(null, Train("whole", epochs));
        Assert.True(code == 0, error);
        return Weights("whole");
    }

    private byte[] Resumed(string name, int epochs = Epochs)
    {
        var (code, _, error) = KindlingProcess.Run(null, [.. Train(name, epochs), "--resume", Path.Combine(_folder, name)]);
        Assert.True(code == 0, error);
        return Weights(name);
    }

    private byte[] Weights(string name) => File.ReadAllBytes(Path.Combine(_folder, name, "float.safetensors"));

    private string[] Train(string name, int epochs = Epochs) =>
    [
        "train", Quickstart, "dataset.synthetic_images=300", "training.model.input_shape=(32, 32, 3)", "training.batch_size=16", $"training.epochs={epochs}",
        "--output", Path.Combine(_folder, name),
    ];
}
