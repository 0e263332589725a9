using Kindling.Data;
using Kindling.Data.Augmentation;
using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Training.Tests;

/// <summary>Training on augmented photos, which the training's own threads prepare.</summary>
public sealed class FedTrainingTests : IDisposable
{
    private const int Side = 16;
    private static readonly Preprocessing Input = new(Side, Side, ColorMode.Rgb, [1 / 127.5f], [-1]);
    private readonly string _folder = Directory.CreateTempSubdirectory("kindling-fed").FullName;
    private readonly DecodedImageCache _photos = LoadPhotos();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Any_number_of_threads_gives_the_same_bits_also_when_resumed_with_another()
    {
        var expected = Train(threads: 1, epochs: 4);
        Assert.Equal(expected, Train(threads: 2, epochs: 4));
        Assert.Equal(expected, Train(threads: 3, epochs: 4));
        var last = Path.Combine(_folder, "last");
        Train(threads: 2, epochs: 2, last: last);
        Assert.Equal(expected, Train(threads: 1, epochs: 4, resume: last, seed: 99));
        Train(threads: 1, epochs: 2, last: last);
        Assert.Equal(expected, Train(threads: 2, epochs: 4, resume: last, seed: 99));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_fault_of_the_source_reaches_the_caller(int threads)
    {
        using var pool = new WorkerPool(threads);
        var source = new FaultySource();
        var fault = Assert.Throws<KindlingException>(() => Trainer.Fit(
            Network(1), source, null, new TrainerOptions { Epochs = 1, Pool = pool }, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal("photo 3 cannot be augmented", fault.Message);
    }

    private static DecodedImageCache LoadPhotos()
    {
        using var shapes = new SyntheticShapes(40, 4, Side);
        return DecodedImageCache.Load(shapes, Input);
    }

    private static Graph Network(long seed)
    {
        var b = new GraphBuilder("shapes", seed);
        var x = b.Relu6(b.BatchNorm(b.Conv2D(b.Input("image", 1, Side, Side, 3), 8, 3, stride: 2, bias: false)));
        x = b.Conv2D(x, 16, 3, activation: Activation.Relu);
        return b.Build(new ModelMetadata(Input, []), b.Softmax(b.Dense(b.GlobalAveragePool(x), 10)));
    }

    private float[] Train(int threads, int epochs, string? resume = null, string? last = null, long seed = 1)
    {
        var augmentation = new AugmentationPipeline([.. AugmentationCatalogue.Functions.Where(f => f.Name != "random_periodic_resizing").Select(f => f.Example)], Input);
        using var pool = new WorkerPool(threads);
        using var feed = new TrainingFeed(_photos, augmentation, 8, 5);
        var graph = Network(seed);
        var options = new TrainerOptions { Epochs = epochs, Pool = pool, Seed = 5, ResumeFrom = resume, LastCheckpoint = last };
        var result = Trainer.Fit(
            graph, feed.AsSource(), new EvaluationFeed(_photos, 16).AsSource(), options, cancellationToken: TestContext.Current.CancellationToken);
        return [.. TestNetworks.Weights(graph), .. result.History.Select(e => (float)e.ValidationLoss!.Value)];
    }

    /// <summary>Throws on one of the pool's threads.</summary>
    private sealed class FaultySource : ITrainingSource
    {
        public int BatchSize => 8;

        public int StepsPerEpoch => 2;

        public void Fill(int epoch, int step, Span<float> images, Span<int> labels) => throw new NotSupportedException();

        public void Fill(int epoch, int step, Span<float> images, Span<int> labels, WorkerPool pool) => pool.Run(new FaultyKernel());
    }

    private sealed class FaultyKernel : Kernel
    {
        public override int Chunks => 8;

        public override unsafe void Run(int chunk, byte* scratch)
        {
            if (chunk == 3)
                throw new KindlingException("photo 3 cannot be augmented");
        }
    }
}
