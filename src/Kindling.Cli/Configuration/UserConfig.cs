using Kindling.Cli.Configuration.Schema;
using Kindling.Cli.Pipeline;
using Kindling.Data.Augmentation;
using Kindling.Graphs;
using Kindling.Tensors;
using Kindling.Training;
using Kindling.Training.Mixing;

namespace Kindling.Cli.Configuration;

/// <summary>What a run consists of.</summary>
[Flags]
internal enum Steps
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Train the network.</summary>
    Train = 1,

    /// <summary>Quantize to int8.</summary>
    Quantize = 2,

    /// <summary>Measure accuracy.</summary>
    Evaluate = 4,

    /// <summary>Measure memory, flash and instructions.</summary>
    Benchmark = 8,

    /// <summary>Generate C.</summary>
    Deploy = 16,

    /// <summary>Classify photos.</summary>
    Predict = 32,
}

/// <summary>A checked configuration.</summary>
/// <param name="File">Its path as the user gave it.</param>
/// <param name="Mode">The operation mode as written.</param>
/// <param name="Steps">What the mode runs.</param>
internal sealed record UserConfig(string File, string Mode, Steps Steps)
{
    /// <summary>Project and machine.</summary>
    public required GeneralConfig General { get; init; }

    /// <summary>Photos.</summary>
    public required DatasetConfig Dataset { get; init; }

    /// <summary>Rescaling and resizing; null when the file has none.</summary>
    public PreprocessingConfig? Preprocessing { get; init; }

    /// <summary>Augmentation functions in their order.</summary>
    public IReadOnlyList<AugmentationSpec> Augmentation { get; init; } = [];

    /// <summary>Network and training; null when the mode does not train.</summary>
    public TrainingConfig? Training { get; init; }

    /// <summary>Quantization.</summary>
    public required QuantizationConfig Quantization { get; init; }

    /// <summary>The folder or photo to classify.</summary>
    public string? PredictionPath { get; init; }

    /// <summary>The board that is measured and deployed to.</summary>
    public string Board { get; init; } = "STM32H747I-DISCO";

    /// <summary>What the user should know: keys without effect.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The configuration as YAML after overrides and placeholders: what resolved_config.yaml holds.</summary>
    public string Resolved { get; init; } = "";

    /// <summary>True when the run begins with the network of <c>general.model_path</c>.</summary>
    public bool StartsFromModelFile => !Runs(Steps.Train) || Training?.Model is null;

    /// <summary>True when the run contains a step.</summary>
    public bool Runs(Steps step) => (Steps & step) != 0;
}

/// <summary>Section <c>general</c>.</summary>
internal sealed record GeneralConfig(string ProjectName, string? ModelPath, string LogsDirectory, string SavedModelsDirectory, int Seed, int Threads);

/// <summary>Section <c>dataset</c>.</summary>
internal sealed record DatasetConfig(
    string Name, IReadOnlyList<string>? ClassNames, string? TrainingPath, string? ValidationPath, double ValidationSplit, string? TestPath,
    string? QuantizationPath, double? QuantizationSplit, bool CheckImageFiles, int Seed, int SyntheticImages)
{
    /// <summary>The name that selects the drawn data set.</summary>
    public const string Synthetic = "synthetic_shapes";

    /// <summary>True when Kindling draws the photos itself.</summary>
    public bool IsSynthetic => TrainingPath is null && Name == Synthetic;
}

/// <summary>Section <c>preprocessing</c>.</summary>
internal sealed record PreprocessingConfig(
    float Scale, float Offset, Interpolation Interpolation, AspectRatio AspectRatio, ColorMode Color, Standardization Standardization = Standardization.None)
{
    /// <summary>The preprocessing for an input size.</summary>
    public Preprocessing For(int height, int width) => new(height, width, Color, [Scale], [Offset], Interpolation, AspectRatio, Standardization);
}

/// <summary>Section <c>training</c>.</summary>
internal sealed record TrainingConfig(
    ModelConfig? Model, float? Dropout, int BatchSize, int Epochs, NamedSettings Optimizer, float LabelSmoothing,
    IReadOnlyList<NamedSettings> Callbacks, string? ResumeFrom, string? TrainedModelPath)
{
    /// <summary>The layers that keep their weights; null for none.</summary>
    public LayerSelection? FrozenLayers { get; init; }

    /// <summary>Share of samples that skip the last residual branch.</summary>
    public float DropConnect { get; init; }

    /// <summary>Weights of the classes; null weighs all photos alike.</summary>
    public ClassWeightsConfig? ClassWeights { get; init; }

    /// <summary>Blending of pairs; null for none.</summary>
    public Mixup? Mixup { get; init; }

    /// <summary>Exchange between pairs; null for none.</summary>
    public CutMix? CutMix { get; init; }

    /// <summary>Share of the average of weights that stays at each step; null for no average.</summary>
    public float? AverageDecay { get; init; }

    /// <summary>The network to learn from; null for none.</summary>
    public DistillationConfig? Distillation { get; init; }
}

/// <summary>Key <c>training.class_weights</c>.</summary>
/// <param name="IsBalanced">True weighs all classes alike.</param>
/// <param name="InOrder">A weight for each class; empty when given otherwise.</param>
/// <param name="ByName">Weights by name; classes that are not named have 1.</param>
internal sealed record ClassWeightsConfig(bool IsBalanced, IReadOnlyList<double> InOrder, IReadOnlyDictionary<string, double> ByName);

/// <summary>Section <c>training.distillation</c>.</summary>
internal sealed record DistillationConfig(IReadOnlyList<string> Teachers, float Temperature, float Weight, float FeatureWeight);

/// <summary>Section <c>training.model</c>.</summary>
internal sealed record ModelConfig(string Name, string? Version, double? Alpha, Shape InputShape)
{
    /// <summary>The name of published weights to start from; null for none.</summary>
    public string? PretrainedWeights { get; init; }

    /// <summary>The file whose weights are started from; null for none.</summary>
    public string? PretrainedModelPath { get; init; }

    /// <summary>True when layers of other widths and kernel sizes are fitted.</summary>
    public bool FitsPretrained { get; init; }
}

/// <summary>Section <c>quantization</c>.</summary>
internal sealed record QuantizationConfig(QuantizationMethod Method, double? MaxAccuracyDrop);
