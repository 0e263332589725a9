using Kindling.Graphs;
using Kindling.Training.Callbacks;
using Kindling.Training.Distillation;
using Kindling.Training.Mixing;
using Kindling.Training.Optimizers;
using Kindling.Training.Schedules;

namespace Kindling.Training.Tests;

public sealed class TrainerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kindling-training-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Network_learns_stripes_and_says_so_of_pictures_it_never_saw()
    {
        var graph = TestNetworks.Stripes();
        var options = new TrainerOptions
        {
            Epochs = 12,
            Optimizer = new Adam { LearningRate = 0.01f },
            Schedule = new LRCosineDecay(0.01f, 0, 12),
            BestCheckpoint = Path.Combine(_folder, "best.safetensors"),
            LastCheckpoint = Path.Combine(_folder, "last.safetensors"),
            Log = Path.Combine(_folder, "log.csv"),
            Metadata = new Dictionary<string, string> { ["architecture"] = "stripes" },
        };
        var progress = new Recorder();

        var result = Fit(graph, new StripesSource(32, 20, 1), new StripesSource(50, 6, 2), options, progress);

        Assert.False(result.IsInterrupted);
        Assert.Equal(12, result.History.Count);
        Assert.True(result.Best!.ValidationAccuracy > 0.95, $"best validation accuracy {result.Best.ValidationAccuracy}");
        Assert.Equal(12 * 20, progress.Steps.Count);
        Assert.True(progress.Steps[^1].TimeLeft < progress.Steps[5].TimeLeft);
        Assert.Equal(13, File.ReadAllLines(options.Log).Length);
        Assert.Equal(TrainingLog.Header, File.ReadAllLines(options.Log)[0]);

        var best = TestNetworks.Stripes(seed: 99);
        Checkpoint.LoadWeights(best, options.BestCheckpoint);
        Assert.Equal(result.Best.ValidationAccuracy!.Value, Evaluator.Evaluate(best, new StripesSource(50, 6, 2), cancellationToken: TestContext.Current.CancellationToken).Accuracy);
        Assert.Equal("stripes", Checkpoint.ReadMetadata(options.BestCheckpoint)["architecture"]);
        Assert.Equal(TestNetworks.Metadata.Preprocessing, Checkpoint.ReadModelMetadata(options.BestCheckpoint).Preprocessing);
        Assert.Equal(TestNetworks.Metadata.ClassNames, Checkpoint.ReadModelMetadata(options.BestCheckpoint).ClassNames);
    }

    [Theory]
    [InlineData("adam")]
    [InlineData("sgd")]
    public void Resumed_training_ends_with_the_same_bits_as_an_uninterrupted_one(string optimizer)
    {
        var straight = TestNetworks.Stripes();
        var expected = Fit(straight, Data(), Validation(), Options(4, null, "a"));

        var first = TestNetworks.Stripes();
        Fit(first, Data(), Validation(), Options(2, null, "b"));
        var second = TestNetworks.Stripes(seed: 50);
        var actual = Fit(second, Data(), Validation(), Options(4, Path.Combine(_folder, "b"), "b"));

        Assert.Equal(TestNetworks.Weights(straight), TestNetworks.Weights(second));
        Assert.Equal(expected.BestEpoch, actual.BestEpoch);
        Assert.Equal(expected.History.Select(e => (e.Epoch, e.LearningRate, e.Loss, e.ValidationLoss)), actual.History.Select(e => (e.Epoch, e.LearningRate, e.Loss, e.ValidationLoss)));

        TrainerOptions Options(int epochs, string? resume, string last) => new()
        {
            Epochs = epochs,
            Optimizer = optimizer == "adam" ? new Adam() : new Sgd { LearningRate = 0.05f, Momentum = 0.9f, Nesterov = true },
            Callbacks = [new ReduceLROnPlateau(Metric.Loss, 0.5f, 1, minDelta: 10), new EarlyStopping(Metric.ValidationLoss, 3)],
            Seed = 6,
            ResumeFrom = resume,
            LastCheckpoint = Path.Combine(_folder, last),
        };
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Averaged_weights_are_what_is_kept_and_resuming_goes_on_with_both_and_with_the_layer_that_foretells_features(float featureWeight)
    {
        var straight = TestNetworks.Stripes();
        Fit(straight, Data(), Validation(), Options(4, null, "a"));

        var first = TestNetworks.Stripes();
        Fit(first, Data(), Validation(), Options(2, null, "b"));
        var second = TestNetworks.Stripes(seed: 50);
        Fit(second, Data(), Validation(), Options(4, Path.Combine(_folder, "b"), "b"));
        Assert.Equal(TestNetworks.Weights(straight), TestNetworks.Weights(second));

        var plain = TestNetworks.Stripes();
        Fit(plain, Data(), Validation(), Options(4, null, "c") with { AverageDecay = null });
        Assert.NotEqual(TestNetworks.Weights(plain), TestNetworks.Weights(straight));
        var goesOn = TestNetworks.Stripes();
        Checkpoint.LoadWeights(goesOn, Path.Combine(_folder, "a"));
        Assert.Equal(TestNetworks.Weights(plain), TestNetworks.Weights(goesOn));
        Checkpoint.LoadAveragedWeights(goesOn, Path.Combine(_folder, "a"));
        Assert.Equal(TestNetworks.Weights(straight), TestNetworks.Weights(goesOn));
        Checkpoint.LoadAveragedWeights(goesOn, Path.Combine(_folder, "c"));
        Assert.Equal(TestNetworks.Weights(plain), TestNetworks.Weights(goesOn));

        TrainerOptions Options(int epochs, string? resume, string last) => new()
        {
            Epochs = epochs,
            AverageDecay = 0.9f,
            Mixup = new Mixup(0.3f),
            CutMix = new CutMix(),
            Teacher = featureWeight > 0 ? new TeacherOptions { Graphs = [TestNetworks.Stripes(seed: 9)], FeatureWeight = featureWeight } : null,
            Seed = 6,
            ResumeFrom = resume,
            LastCheckpoint = Path.Combine(_folder, last),
        };
    }

    [Fact]
    public void Average_follows_the_weights_by_the_formula()
    {
        var graph = TestNetworks.Stripes();
        using var pool = new Execution.WorkerPool(2);
        using var plan = TrainingPlan.Compile(graph, new TrainingPlanOptions { Batch = 8 }, pool);
        using var optimizer = new OptimizerState(new Adam(), plan);
        using var average = new Averaging.WeightAverage(plan, 0.5f);
        var expected = TestNetworks.Weights(graph).Select(w => (double)w).ToArray();
        foreach (var decay in new[] { 2 / 11.0, 3 / 12.0, 4 / 13.0, 5 / 14.0, 6 / 15.0, 7 / 16.0, 8 / 17.0, 0.5, 0.5 })
        {
            new StripesSource(8, 1, 1).Fill(0, 0, plan.Images, plan.Labels);
            plan.Run();
            plan.Update(optimizer);
            average.Update(plan.Step);
            plan.StoreParameters();
            var now = TestNetworks.Weights(graph);
            for (var i = 0; i < now.Length; i++)
                expected[i] = (decay * expected[i]) + ((1 - decay) * now[i]);
        }

        average.StoreIntoGraph();
        var actual = TestNetworks.Weights(graph);
        for (var i = 0; i < actual.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-5);
    }

    [Fact]
    public void Cancelled_training_resumes_from_the_last_completed_epoch_to_the_same_bits()
    {
        var straight = TestNetworks.Stripes();
        Fit(straight, Data(), Validation(), Options(3, null, "a"));

        using var cancellation = new CancellationTokenSource();
        var interrupted = TestNetworks.Stripes();
        var progress = new Recorder { OnStepAction = p => { if (p is { Epoch: 2, Step: 3 }) cancellation.Cancel(); } };
        var result = Fit(interrupted, Data(), Validation(), Options(3, null, "b"), progress, cancellation.Token);
        Assert.True(result.IsInterrupted);
        Assert.Single(result.History);

        var resumed = TestNetworks.Stripes(seed: 8);
        Fit(resumed, Data(), Validation(), Options(3, Path.Combine(_folder, "b"), "b"));
        Assert.Equal(TestNetworks.Weights(straight), TestNetworks.Weights(resumed));
    }

    [Fact]
    public void Cancelled_before_the_first_step_leaves_a_checkpoint_to_resume_from()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        var graph = TestNetworks.Stripes();
        var before = TestNetworks.Weights(graph);
        var result = Fit(graph, Data(), null, Options(2, null, "c"), token: cancelled.Token);
        Assert.True(result.IsInterrupted);
        Assert.Equal(before, TestNetworks.Weights(graph));
        Assert.Equal(2, Fit(graph, Data(), null, Options(2, Path.Combine(_folder, "c"), "c")).History.Count);
    }

    [Fact]
    public void Resuming_with_other_data_or_another_optimizer_is_refused()
    {
        Fit(TestNetworks.Stripes(), Data(), null, Options(1, null, "d"));
        var path = Path.Combine(_folder, "d");
        var other = Assert.Throws<KindlingException>(() =>
            Fit(TestNetworks.Stripes(), new StripesSource(16, 5, 1), null, Options(2, path, "d")));
        Assert.Contains("not the same training", other.Message, StringComparison.Ordinal);
        var optimizer = Assert.Throws<KindlingException>(() =>
            Fit(TestNetworks.Stripes(), Data(), null, Options(2, path, "d") with { Optimizer = new Sgd() }));
        Assert.Contains("Adam", optimizer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_alone_cannot_be_resumed()
    {
        var path = Path.Combine(_folder, "weights.safetensors");
        Checkpoint.SaveWeights(TestNetworks.Stripes(), path);
        var error = Assert.Throws<ModelFormatException>(() => Fit(TestNetworks.Stripes(), Data(), null, Options(2, path, "e")));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Loss_that_is_no_number_ends_the_training_with_the_learning_rate_in_the_message()
    {
        var options = new TrainerOptions { Epochs = 3, Optimizer = new Sgd { LearningRate = 1e30f } };
        var error = Assert.Throws<KindlingException>(() => Fit(TestNetworks.Stripes(), Data(), null, options));
        Assert.Contains("learning rate", error.Message, StringComparison.Ordinal);
    }

    private static TrainingResult Fit(
        Graph graph, StripesSource train, StripesSource? validation, TrainerOptions options, Recorder? progress = null, CancellationToken? token = null) =>
        Trainer.Fit(graph, train, validation, options, progress, token ?? TestContext.Current.CancellationToken);

    private static StripesSource Data() => new(16, 6, 1);

    private static StripesSource Validation() => new(20, 2, 2);

    private TrainerOptions Options(int epochs, string? resume, string last) =>
        new() { Epochs = epochs, ResumeFrom = resume, LastCheckpoint = Path.Combine(_folder, last) };

    private sealed class Recorder : ITrainingProgress
    {
        public List<StepProgress> Steps { get; } = [];

        public Action<StepProgress>? OnStepAction { get; init; }

        public void OnStep(in StepProgress progress)
        {
            Steps.Add(progress);
            OnStepAction?.Invoke(progress);
        }

        public void OnEpoch(EpochResult result)
        {
        }
    }
}
