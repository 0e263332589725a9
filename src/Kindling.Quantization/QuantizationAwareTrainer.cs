using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Quantization.FineTuning;
using Kindling.Training;
using Kindling.Training.Distillation;
using Kindling.Training.Optimizers;
using Kindling.Training.Schedules;

namespace Kindling.Quantization;

/// <summary>
/// Quantization-aware fine-tuning (Jacob and others 2018): a trained float network is folded as the int8 network will be, and trained on for
/// a few epochs with its activations and weights rounded to 8 bits in the forward pass. Ranges are those of the calibration and stay, so
/// the int8 network written afterwards rounds exactly where training did. The float network is the teacher.
/// </summary>
public static class QuantizationAwareTrainer
{
    /// <summary>Fine-tunes and quantizes.</summary>
    /// <param name="graph">The float network, as built or trained; it is not changed.</param>
    /// <param name="calibration">Images for the ranges, as <see cref="PostTrainingQuantizer.Quantize"/> takes them.</param>
    /// <param name="train">Training images.</param>
    /// <param name="tuning">Epochs and learning rate.</param>
    /// <param name="options">Types, granularity, ranges and equalization; rounding and biases are what training makes of them.</param>
    /// <param name="progress">Told while calibrating.</param>
    /// <param name="cancellation">Stops between batches and steps.</param>
    /// <returns>The int8 network; its float network is the fine-tuned one.</returns>
    /// <exception cref="KindlingException">As <see cref="PostTrainingQuantizer.Quantize"/> and <see cref="Trainer.Fit"/>.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; nothing is left of the epochs done.</exception>
    public static QuantizationResult Run(
        Graph graph, IEnumerable<ReadOnlyMemory<float>> calibration, ITrainingSource train, FineTuningOptions tuning, QuantizationOptions? options = null,
        IProgress<QuantizationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(calibration);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(tuning);
        if (options?.Splitting is not null)
            throw new KindlingException("channels cannot be split for fine-tuning: training would take the pieces of a channel apart");
        options = (options ?? new QuantizationOptions()) with { BiasCorrection = false, AdaptiveRounding = false };
        var start = PostTrainingQuantizer.Quantize(graph, calibration, options, progress, cancellation);
        var parameters = start.Activations.ToDictionary(a => a.Name, a => a.Quantization);
        var network = new FakeQuantizedNetwork(start.FloatGraph, parameters, options);
        using var pool = new WorkerPool(options.Threads);
        var result = Trainer.Fit(
            network.Trained, train, null,
            new TrainerOptions
            {
                Epochs = tuning.Epochs,
                Optimizer = new Adam { LearningRate = tuning.LearningRate },
                Schedule = new LRCosineDecay(tuning.LearningRate, 0, tuning.Epochs),
                Teacher = tuning.TeacherWeight > 0 ? new TeacherOptions { Graphs = [graph], Temperature = tuning.Temperature, Weight = tuning.TeacherWeight } : null,
                SeenWeights = network.Show,
                Seed = tuning.Seed,
                Pool = pool,
            },
            tuning.Progress, cancellation);
        if (result.IsInterrupted)
            throw new OperationCanceledException(cancellation);
        var values = network.Plain.Inputs.Concat(network.Plain.Nodes.Select(n => n.Output)).ToDictionary(v => v, v => parameters[v.Name]);
        return start with { Graph = new GraphQuantizer(network.Plain, values, options).Run(), FloatGraph = network.Plain };
    }
}
