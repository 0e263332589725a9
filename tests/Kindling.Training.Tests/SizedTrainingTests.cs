using Kindling.Data.Augmentation;
using Kindling.Graphs;
using Kindling.Numerics;
using Kindling.Tensors;
using Kindling.Training.Distillation;
using Kindling.Training.Mixing;
using Kindling.Training.Optimizers;

namespace Kindling.Training.Tests;

/// <summary>Training at sizes that change from epoch to epoch.</summary>
public sealed class SizedTrainingTests : IDisposable
{
    private static readonly ImageSize Own = new(StripesSource.Side, StripesSource.Side);
    private static readonly ImageSize Flat = new(9, 16);
    private static readonly ImageSize Large = new(20, 15);
    private readonly string _folder = Directory.CreateTempSubdirectory("kindling-sizes-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_network_trained_at_another_size_gets_the_weights_of_one_that_has_this_size()
    {
        var resized = TestNetworks.Stripes(seed: 4);
        var direct = TestNetworks.Stripes(seed: 4, Flat.Height, Flat.Width);

        Fit(resized, new Source(_ => Flat, [Flat]), Options(2));
        Fit(direct, new Source(_ => Flat, []), Options(2) with { AtSize = null });

        Assert.Equal(TestNetworks.Weights(direct), TestNetworks.Weights(resized));
    }

    [Fact]
    public void Resuming_between_sizes_ends_with_the_same_bits()
    {
        // Own, flat, large, flat: every change of size, and a way back.
        var source = new Source(epoch => new[] { Own, Flat, Large, Flat }[epoch % 4], [Own, Flat, Large]);
        var straight = TestNetworks.Stripes();
        Fit(straight, source, Options(6));

        var parts = TestNetworks.Stripes();
        Fit(parts, source, Options(3) with { LastCheckpoint = Path.Combine(_folder, "last") });
        parts = TestNetworks.Stripes(seed: 50);
        Fit(parts, source, Options(6) with { ResumeFrom = Path.Combine(_folder, "last") });

        Assert.Equal(TestNetworks.Weights(straight), TestNetworks.Weights(parts));
    }

    [Fact]
    public void Mixing_teachers_and_averages_work_at_every_size()
    {
        var teacher = TestNetworks.Stripes(seed: 8);
        var graph = TestNetworks.Stripes();
        var before = TestNetworks.Weights(graph);

        var result = Fit(graph, new Source(epoch => epoch == 0 ? Large : Own, [Large]), Options(2) with
        {
            Mixup = new Mixup(0.4f, 1),
            AverageDecay = 0.9f,
            Teacher = new TeacherOptions { Graphs = [teacher], Temperature = 2, Weight = 0.5f },
        });

        Assert.Equal(2, result.History.Count);
        Assert.NotEqual(before, TestNetworks.Weights(graph));
    }

    [Fact]
    public void A_classifier_that_sees_every_pixel_is_refused_before_the_first_step()
    {
        var error = Assert.Throws<KindlingException>(() => Fit(Flattened(Own), new Source(_ => Own, [Own, Large]), Options(1) with { AtSize = Flattened }));

        Assert.Contains("flattened cannot be trained at 20x15x1: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("needs a network whose weights do not depend on the size of its input", error.Message, StringComparison.Ordinal);
    }

    private static Graph Flattened(ImageSize size)
    {
        var b = new GraphBuilder("flattened", 1);
        var x = b.Input("image", 1, size.Height, size.Width, 1);
        return b.Build(null, b.Softmax(b.Dense(b.Reshape(x, new Shape(1, size.Height * size.Width)), 3)));
    }

    private static TrainingResult Fit(Graph graph, ITrainingSource source, TrainerOptions options) =>
        Trainer.Fit(graph, source, null, options, null, TestContext.Current.CancellationToken);

    private static TrainerOptions Options(int epochs) => new()
    {
        Epochs = epochs,
        Optimizer = new Adam { LearningRate = 0.01f },
        Seed = 3,
        AtSize = size => TestNetworks.Stripes(seed: 77, size.Height, size.Width),
    };

    /// <summary>Noise of the epoch's size.</summary>
    private sealed class Source(Func<int, ImageSize> size, IReadOnlyList<ImageSize> sizes) : ITrainingSource
    {
        public int BatchSize => 8;

        public int StepsPerEpoch => 3;

        public IReadOnlyList<ImageSize> Sizes => sizes;

        public ImageSize? SizeAt(int epoch) => size(epoch);

        public void Fill(int epoch, int step, Span<float> images, Span<int> labels)
        {
            Assert.Equal(BatchSize * size(epoch).Height * size(epoch).Width, images.Length);
            var random = new RandomStream(2, epoch, step);
            foreach (ref var value in images)
                value = random.NextGaussian();
            foreach (ref var label in labels)
                label = random.NextInt32(3);
        }
    }
}
