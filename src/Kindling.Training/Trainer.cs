using System.Diagnostics;
using Kindling.Data.Augmentation;
using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Training.Averaging;
using Kindling.Training.Callbacks;
using Kindling.Training.Distillation;
using Kindling.Training.Optimizers;
using Kindling.Training.Planning;

namespace Kindling.Training;

/// <summary>Trains a network epoch by epoch: batches, steps, validation, callbacks, checkpoints, log.</summary>
public sealed class Trainer : IDisposable
{
    private readonly Graph _graph;
    private readonly ITrainingSource _train;
    private readonly IEvaluationSource? _validation;
    private readonly TrainerOptions _options;
    private readonly ITrainingProgress? _progress;
    private readonly WorkerPool _pool;
    private readonly FeatureHint? _hint;
    private readonly TrainingStage _own;
    private readonly TrainingPlan _plan;
    private readonly Dictionary<ImageSize, Graph> _resized;
    private readonly OptimizerState _optimizer;
    private readonly WeightAverage? _average;
    private (ImageSize Size, TrainingStage Stage)? _other;
    private TrainingProgressState _state;
    private double _overheadSeconds;

    private Trainer(Graph graph, ITrainingSource train, IEvaluationSource? validation, TrainerOptions options, ITrainingProgress? progress)
    {
        _graph = graph;
        _train = train;
        _validation = validation;
        _options = options;
        _progress = progress;
        _pool = options.Pool ?? new WorkerPool();
        // Sizes that the network cannot be built for are refused before anything is trained.
        _resized = train.Sizes.Where(s => s != OwnSize).ToDictionary(s => s, s => SharedConstants.Of(graph, options.AtSize!(s)));
        _hint = options.Teacher is { FeatureWeight: > 0 } teacher ? new FeatureHint(graph, teacher.Graphs, options.Seed) : null;
        _own = new TrainingStage(graph, train.BatchSize, options, _pool, _hint);
        _plan = _own.Plan;
        _optimizer = new OptimizerState(options.Optimizer, _plan);
        _average = options.AverageDecay is { } decay ? new WeightAverage(_plan, decay) : null;
        _state = new TrainingProgressState
        {
            StepsPerEpoch = train.StepsPerEpoch,
            BatchSize = train.BatchSize,
            Optimizer = options.Optimizer.Name,
            LearningRate = options.Optimizer.LearningRate,
            Seed = options.Seed,
        };
    }

    /// <summary>
    /// Trains a graph. Its constants hold the last completed epoch's weights afterwards, also when cancelled; cancelling loses at most the epoch under way.
    /// </summary>
    /// <param name="graph">The network, <c>[1, H, W, C]</c> to class scores.</param>
    /// <param name="train">Batches to train on.</param>
    /// <param name="validation">Batches to evaluate on after each epoch; null for none.</param>
    /// <param name="options">How to train.</param>
    /// <param name="progress">Told about each step and epoch.</param>
    /// <param name="cancellationToken">Asked between steps.</param>
    /// <exception cref="KindlingException">The loss is no longer a number, or the checkpoint to resume from does not fit.</exception>
    public static TrainingResult Fit(
        Graph graph, ITrainingSource train, IEvaluationSource? validation, TrainerOptions options,
        ITrainingProgress? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Epochs, 1);
        if (train.StepsPerEpoch < 1)
            throw new KindlingException($"there are fewer training images than a batch of {train.BatchSize} takes");
        using var trainer = new Trainer(graph, train, validation, options, progress);
        return trainer.Run(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _average?.Dispose();
        _optimizer.Dispose();
        _other?.Stage.Dispose();
        _own.Dispose();
        if (_options.Pool is null)
            _pool.Dispose();
    }

    private ImageSize OwnSize => new(_graph.Inputs[0].Shape.Height, _graph.Inputs[0].Shape.Width);

    private TrainingResult Run(CancellationToken cancellationToken)
    {
        if (_options.ResumeFrom is not null)
            Resume(_options.ResumeFrom);
        else if (_options.LastCheckpoint is not null)
            Save();
        var control = new TrainingControl(_options.Optimizer);
        var isInterrupted = false;
        while (_state.Epochs < _options.Epochs && control.StopReason is null && !isInterrupted)
        {
            try
            {
                RunEpoch(_state.Epochs, control, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                isInterrupted = true;
            }
        }

        return new TrainingResult(_state.History, _state.BestEpoch, isInterrupted, control.StopReason);
    }

    private void Resume(string path)
    {
        var state = Checkpoint.Load(_plan.Graph, _optimizer, _average, path);
        if (state.BatchSize != _state.BatchSize || state.StepsPerEpoch != _state.StepsPerEpoch || state.Seed != _state.Seed)
        {
            throw new KindlingException(
                $"{path} was trained with {state.StepsPerEpoch} batches of {state.BatchSize} an epoch and seed {state.Seed}, "
                + $"now there are {_state.StepsPerEpoch} of {_state.BatchSize} and seed {_state.Seed}: this is not the same training");
        }

        _state = state;
        _plan.LoadParameters();
        StoreResult();
        _plan.Step = state.Steps;
        _options.Optimizer.LearningRate = state.LearningRate;
        foreach (var callback in _options.Callbacks)
        {
            if (state.Callbacks.TryGetValue(callback.Name, out var values))
                callback.Restore(values);
        }
    }

    private void RunEpoch(int epoch, TrainingControl control, CancellationToken cancellationToken)
    {
        if (_options.Schedule is { } schedule)
            _options.Optimizer.LearningRate = schedule.At(epoch);
        var rate = _options.Optimizer.LearningRate;
        var start = Stopwatch.GetTimestamp();
        var (loss, correct) = RunSteps(epoch, start, cancellationToken);
        var trained = Stopwatch.GetElapsedTime(start).TotalSeconds;
        // From here on the epoch counts only as a whole: weights that failed to be validated are not handed out.
        var backup = _graph.Constants.ToDictionary(v => v, v => v.Constant!.Clone());
        StoreResult();
        EvaluationResult? validation = null;
        if (_validation is not null)
        {
            _progress?.OnValidation(epoch + 1);
            try
            {
                validation = Evaluator.Evaluate(_graph, _validation, _pool, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                foreach (var (value, tensor) in backup)
                    tensor.Bytes.CopyTo(value.Constant!.Bytes);
                throw;
            }
        }

        var images = (double)_train.StepsPerEpoch * _train.BatchSize;
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        _overheadSeconds = seconds - trained;
        var result = new EpochResult(
            epoch + 1, rate, loss / _train.StepsPerEpoch, correct / images, validation?.Loss, validation?.Accuracy, images / trained, seconds);
        Finish(result, control);
    }

    private (double Loss, long Correct) RunSteps(int epoch, long start, CancellationToken cancellationToken)
    {
        double loss = 0;
        long correct = 0;
        var steps = _train.StepsPerEpoch;
        var stage = StageOf(epoch);
        for (var step = 0; step < steps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _train.Fill(epoch, step, stage.Plan.Images, stage.Plan.Labels, _pool);
            var result = stage.Run(epoch, step);
            if (!float.IsFinite(result.Loss))
            {
                throw new KindlingException(
                    $"epoch {epoch + 1}, step {step + 1}: the loss is {result.Loss}. The learning rate of {_options.Optimizer.LearningRate} is too high for this network.");
            }

            _plan.Update(_optimizer);
            _average?.Update(_plan.Step);
            loss += result.Loss;
            correct += result.Correct;
            if (_progress is not null)
                Report(epoch, step + 1, loss, correct, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return (loss, correct);
    }

    /// <summary>What an epoch is trained on: the network at the size of its images. One other size beside the network's own is kept in memory.</summary>
    private TrainingStage StageOf(int epoch)
    {
        if (_train.SizeAt(epoch) is not { } size || !_resized.TryGetValue(size, out var graph))
            return _own;
        if (_other is { } other && other.Size == size)
            return other.Stage;
        _other?.Stage.Dispose();
        _other = null;
        var stage = new TrainingStage(graph, _train.BatchSize, _options, _pool, _hint, _plan);
        _other = (size, stage);
        return stage;
    }

    private void Report(int epoch, int done, double loss, long correct, double seconds)
    {
        var steps = _train.StepsPerEpoch;
        var left = (((long)(_options.Epochs - epoch) * steps) - done) * (seconds / done);
        _progress!.OnStep(new StepProgress(
            epoch + 1, _options.Epochs, done, steps, loss / done, (double)correct / ((long)done * _train.BatchSize),
            (long)done * _train.BatchSize / seconds, TimeSpan.FromSeconds(left + ((_options.Epochs - epoch) * _overheadSeconds))));
    }

    private void Finish(EpochResult result, TrainingControl control)
    {
        _state.History.Add(result);
        foreach (var callback in _options.Callbacks)
            callback.OnEpochEnd(result, control);
        _state.Epochs = result.Epoch;
        _state.Steps = _plan.Step;
        _state.LearningRate = _options.Optimizer.LearningRate;
        _state.Callbacks = _options.Callbacks.ToDictionary(
            c => c.Name, c => c.State.Where(s => double.IsFinite(s.Value)).ToDictionary(s => s.Key, s => s.Value));
        if (IsBest(result))
        {
            _state.BestEpoch = result.Epoch;
            if (_options.BestCheckpoint is not null)
                Checkpoint.SaveWeights(_graph, _options.BestCheckpoint, _options.Metadata);
        }

        if (_options.LastCheckpoint is not null)
            Save();
        if (_options.Log is not null)
            TrainingLog.Write(_options.Log, _state.History);
        _progress?.OnEpoch(result);
    }

    private bool IsBest(EpochResult result)
    {
        var metric = (_options.BestMetric, _validation) switch
        {
            (Metric.ValidationAccuracy, null) => Metric.Accuracy,
            (Metric.ValidationLoss, null) => Metric.Loss,
            _ => _options.BestMetric,
        };
        var best = _state.History.FirstOrDefault(e => e.Epoch == _state.BestEpoch)?.Of(metric) ?? metric.Worst();
        return metric.Improves(result.Of(metric) ?? metric.Worst(), best, 0);
    }

    /// <summary>Puts what the training has come to into the graph: the average when there is one, otherwise the weights.</summary>
    private void StoreResult()
    {
        if (_average is null)
            _plan.StoreParameters();
        else
            _average.StoreIntoGraph();
    }

    private void Save()
    {
        // Training goes on from the weights themselves, so the checkpoint holds those and the average apart.
        if (_average is not null)
            _plan.StoreParameters();
        Checkpoint.Save(_plan.Graph, _optimizer, _average, _state, _options.LastCheckpoint!, _options.Metadata);
        _average?.StoreIntoGraph();
    }
}
