using Kindling.Data.Augmentation;
using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Training.Callbacks;
using Kindling.Training.Distillation;
using Kindling.Training.Mixing;
using Kindling.Training.Optimizers;
using Kindling.Training.QuantizationAware;
using Kindling.Training.Schedules;

namespace Kindling.Training;

/// <summary>How a network is trained.</summary>
public sealed record TrainerOptions
{
    /// <summary>Epochs in all, those before a resumption included.</summary>
    public required int Epochs { get; init; }

    /// <summary>The optimizer; its learning rate is where training starts.</summary>
    public Optimizer Optimizer { get; init; } = new Adam();

    /// <summary>The learning rate by epoch; null leaves it to the optimizer and the callbacks.</summary>
    public LearningRateSchedule? Schedule { get; init; }

    /// <summary>Watchers of the epochs, in order.</summary>
    public IReadOnlyList<TrainingCallback> Callbacks { get; init; } = [];

    /// <summary>Share of the target that is spread evenly over all classes.</summary>
    public float LabelSmoothing { get; init; }

    /// <summary>Blends pairs of images; null does not.</summary>
    public Mixup? Mixup { get; init; }

    /// <summary>Lets pairs of images exchange a rectangle; null does not.</summary>
    public CutMix? CutMix { get; init; }

    /// <summary>Factor of the loss of each class' samples; null weighs all alike.</summary>
    public IReadOnlyList<float>? ClassWeights { get; init; }

    /// <summary>The networks to learn from beside the labels; null for none.</summary>
    public TeacherOptions? Teacher { get; init; }

    /// <summary>
    /// Builds the network for another size of image, to train at the sizes of the source; its constants' values do not matter. Null where
    /// all images have the network's own size.
    /// </summary>
    public Func<ImageSize, Graph>? AtSize { get; init; }

    /// <summary>
    /// Share of an exponential moving average of the weights that stays at each step, such as 0.999; null keeps none. With an average, it is what is
    /// evaluated, kept as the best epoch, and left in the graph.
    /// </summary>
    public float? AverageDecay { get; init; }

    /// <summary>Seed of dropout and mixing. (Order and augmentation have the source's.)</summary>
    public long Seed { get; init; }

    /// <summary>The threads; null gives the training its own, one for each processor.</summary>
    public WorkerPool? Pool { get; init; }

    /// <summary>Says which constants are trained; null trains all.</summary>
    public Func<Value, bool>? IsTrainable { get; init; }

    /// <summary>What forward and backward pass see in place of the trained constants; null shows them as they are.</summary>
    public SeenWeights? SeenWeights { get; init; }

    /// <summary>What decides which epoch is the best; without a validation set the training's counterpart.</summary>
    public Metric BestMetric { get; init; } = Metric.ValidationAccuracy;

    /// <summary>Where the best epoch's weights go; null keeps no file.</summary>
    public string? BestCheckpoint { get; init; }

    /// <summary>Where weights and training state go after each epoch; null keeps no file.</summary>
    public string? LastCheckpoint { get; init; }

    /// <summary>Where the CSV log goes; null writes none.</summary>
    public string? Log { get; init; }

    /// <summary>A checkpoint to go on from, with the same data, options and optimizer; null starts from the graph's weights.</summary>
    public string? ResumeFrom { get; init; }

    /// <summary>Entries for the checkpoints' metadata, the architecture's name and options for example.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}
