using System.Globalization;
using Kindling.Cli.Configuration;
using Kindling.Cli.Hosting;
using Kindling.Cli.Models;
using Kindling.Data;
using Kindling.Data.Augmentation;
using Kindling.Execution;
using Kindling.Formats.Weights;
using Kindling.Graphs;
using Kindling.Reports;
using Kindling.Training;
using Kindling.Training.Distillation;
using Kindling.Zoo;

namespace Kindling.Cli.Pipeline;

/// <summary>Trains a network of the zoo and keeps its best epoch.</summary>
internal sealed class TrainStep : IPipelineStep
{
    private const int ValidationBatch = 32;

    /// <inheritdoc/>
    public bool AppliesTo(PipelineState state) => state.Config.Runs(Steps.Train);

    /// <inheritdoc/>
    public void Run(PipelineState state)
    {
        var config = state.Config.Training!;
        var photos = state.Photos.Training!;
        var (graph, description) = Build(state);
        using var feed = new TrainingFeed(photos, new AugmentationPipeline(state.Config.Augmentation, photos.Preprocessing), config.BatchSize, state.Config.General.Seed, resizes: true);
        using var pool = new WorkerPool(state.Config.General.Threads);
        var options = new TrainerOptions
        {
            Epochs = config.Epochs,
            Optimizer = TrainingFactory.Optimizer(config.Optimizer),
            Schedule = TrainingFactory.Schedule(config),
            Callbacks = TrainingFactory.Callbacks(config),
            LabelSmoothing = config.LabelSmoothing,
            ClassWeights = ClassWeights.Of(config.ClassWeights, photos),
            IsTrainable = Trainable(state, graph),
            Mixup = config.Mixup,
            CutMix = config.CutMix,
            AverageDecay = config.AverageDecay,
            Teacher = Teachers(state),
            AtSize = size => ModelFile.AtSize(description, size, graph.Metadata, config),
            Seed = state.Config.General.Seed,
            Pool = pool,
            BestCheckpoint = state.Folder.BestCheckpoint,
            LastCheckpoint = state.Folder.LastCheckpoint,
            Log = state.Folder.TrainingLog,
            ResumeFrom = ResumeFrom(state),
            Metadata = description,
        };
        var validation = state.Photos.Validation is null ? null : new EvaluationFeed(state.Photos.Validation, ValidationBatch).AsSource();
        TrainingResult? result = null;
        state.Context.Terminal.Track("training", config.Epochs, tracker => result = Trainer.Fit(
            graph, feed.AsSource(), validation, options, new Progress(tracker, config.Epochs), state.Context.Cancellation));
        if (result!.IsInterrupted)
            throw new InterruptedException(HowToResume(state, result.History.Count));
        Finish(state, graph, description, result);
    }

    private static (Graph Graph, Dictionary<string, string> Description) Build(PipelineState state)
    {
        var config = state.Config.Training!;
        var classes = state.Photos.Training!.ClassNames;
        var metadata = new ModelMetadata(state.Preprocessing, classes);
        if (config.Model is not { } network)
            return Continue(state, metadata);
        var shape = network.InputShape;
        var options = new ModelOptions
        {
            Height = shape[0],
            Width = shape[1],
            Channels = shape[2],
            Classes = classes.Count,
            Dropout = config.Dropout ?? 0,
            DropConnect = config.DropConnect,
            Seed = state.Config.General.Seed,
            Metadata = metadata,
        };
        var model = ZooCatalogue.Find(network.Name, network.Version, network.Alpha);
        var graph = model.Build(options);
        var donor = network.PretrainedWeights is null ? network.PretrainedModelPath : PretrainedWeights.Find(model, shape[0]);
        if (donor is not null && !state.IsResumed)
        {
            var mapping = (network.FitsPretrained ? WeightMappingOptions.Adapted : WeightMappingOptions.Donor) with { Seed = state.Config.General.Seed };
            state.Context.Terminal.Info($"starting from weights: {WeightSet.Load(donor).ApplyTo(graph, mapping).Summary()}");
        }

        return (graph, ModelFile.Describe(model, options));
    }

    /// <summary>The network of a file, its last layer included.</summary>
    private static (Graph Graph, Dictionary<string, string> Description) Continue(PipelineState state, ModelMetadata metadata)
    {
        var path = state.StartPath;
        var (graph, description) = ModelFile.ReadForTraining(path, state.Config.Training!);
        var classes = graph.Outputs[0].Shape.Channels;
        if (classes != metadata.ClassNames.Count)
        {
            throw new KindlingException(
                $"general.model_path: {path} tells {classes} classes apart, the photos have {metadata.ClassNames.Count}; to start another head, name it as training.model.pretrained_model_path");
        }

        state.Context.Terminal.Info($"training goes on from {path}, its last layer included");
        return (graph.With(metadata), description);
    }

    private static Func<Value, bool>? Trainable(PipelineState state, Graph graph)
    {
        if (state.Config.Training!.FrozenLayers is not { } frozen)
            return null;
        var trained = frozen.ConstantsOfOthers(graph);
        var chosen = frozen.Choose(graph);
        var open = LayerSelection.Layers(graph).OfType<Node>().Where(n => n.Operator.ParameterInputs(n.Inputs).Any(trained.Contains)).Select(n => n.Name).ToList();
        state.Context.Terminal.Info(string.Create(
            CultureInfo.InvariantCulture,
            $"{chosen.Count} of {LayerSelection.Layers(graph).Count} layers are frozen; trained: {string.Join(", ", open.Take(8))}{(open.Count > 8 ? $" and {open.Count - 8} more" : "")}"));
        return trained.Contains;
    }

    private static TeacherOptions? Teachers(PipelineState state) => state.Config.Training!.Distillation is { } distillation
        ? new TeacherOptions { Graphs = [.. distillation.Teachers.Select(t => ReadTeacher(state, t))], Temperature = distillation.Temperature, Weight = distillation.Weight, FeatureWeight = distillation.FeatureWeight }
        : null;

    private static Graph ReadTeacher(PipelineState state, string path)
    {
        var graph = ModelFile.Read(path);
        state.Context.Terminal.Info($"learning from {path}: {graph.Name}, {graph.Inputs[0].Shape.ToSizeString()}");
        // Keras' files do not say how pixels are scaled: such a teacher is shown what the network is shown.
        if (graph.Metadata.Preprocessing is null && graph.Inputs[0].Shape is { Rank: 4 } shape)
            graph = graph.With(graph.Metadata with { Preprocessing = state.Preprocessing! with { Height = shape.Height, Width = shape.Width } });
        return graph;
    }

    private static string? ResumeFrom(PipelineState state)
    {
        if (!state.IsResumed)
            return null;
        return File.Exists(state.Folder.LastCheckpoint)
            ? state.Folder.LastCheckpoint
            : throw new KindlingException($"{state.Folder.Root} holds no checkpoint to resume from ({state.Folder.LastCheckpoint} is missing)");
    }

    private static string HowToResume(PipelineState state, int epochs)
    {
        var command = state.Context.CommandLine;
        var resume = state.IsResumed ? command : $"{command} --resume {state.Folder.Root}";
        return $"stopped after {epochs} complete epochs; only the epoch under way is lost. Continue with:\n  {resume}";
    }

    private static void Finish(PipelineState state, Graph graph, Dictionary<string, string> description, TrainingResult result)
    {
        if (result.StopReason is not null)
            state.Context.Terminal.Info($"stopped early: {result.StopReason}");
        Checkpoint.LoadWeights(graph, state.Folder.BestCheckpoint);
        Checkpoint.SaveWeights(graph, state.Folder.FloatModel, description);
        if (state.Config.Training!.TrainedModelPath is { } copy)
            Checkpoint.SaveWeights(graph, copy.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) ? copy : Path.Combine(copy, Path.GetFileName(state.Folder.FloatModel)), description);
        state.FloatGraph = graph;
        state.History = new TrainingHistory(
            [.. result.History.Select(e => new EpochRecord(
                e.Epoch, e.LearningRate, e.Loss, e.Accuracy, e.ValidationLoss ?? double.NaN, e.ValidationAccuracy ?? double.NaN, e.ImagesPerSecond))],
            result.BestEpoch, result.History.Sum(e => e.Seconds));
        state.Context.Terminal.Info($"trained {result.History.Count} epochs; best: epoch {result.BestEpoch}");
    }

    private sealed class Progress(IProgressTracker tracker, int epochs) : ITrainingProgress
    {
        private TimeSpan _left;

        public void OnStep(in StepProgress p)
        {
            _left = p.TimeLeft;
            tracker.Report(p.Epoch - 1 + ((double)p.Step / p.Steps), string.Create(
                CultureInfo.InvariantCulture, $"epoch {p.Epoch}/{epochs}  loss {p.Loss:F3}  accuracy {p.Accuracy * 100:F1} %  {p.ImagesPerSecond:F0} images/s"));
        }

        public void OnEpoch(EpochResult e)
        {
            var validation = e.ValidationAccuracy is null ? "" : string.Create(
                CultureInfo.InvariantCulture, $"  validation loss {e.ValidationLoss:F3}  accuracy {e.ValidationAccuracy * 100:F2} %");
            tracker.Milestone(string.Create(
                CultureInfo.InvariantCulture,
                $"epoch {e.Epoch}/{epochs}  loss {e.Loss:F3}  accuracy {e.Accuracy * 100:F2} %{validation}  {e.ImagesPerSecond:F0} images/s  {_left:hh\\:mm\\:ss} left"));
        }
    }
}
