using Kindling.Cli.Configuration.Schema;
using Kindling.Data.Augmentation;
using Kindling.Graphs;
using Kindling.Tensors;

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
internal sealed record PreprocessingConfig(float Scale, float Offset, Interpolation Interpolation, AspectRatio AspectRatio, ColorMode Color)
{
    /// <summary>The preprocessing for an input size.</summary>
    public Preprocessing For(int height, int width) => new(height, width, Color, [Scale], [Offset], Interpolation, AspectRatio);
}

/// <summary>Section <c>training</c>.</summary>
internal sealed record TrainingConfig(
    ModelConfig Model, float Dropout, int BatchSize, int Epochs, NamedSettings Optimizer, float LabelSmoothing,
    IReadOnlyList<NamedSettings> Callbacks, string? ResumeFrom, string? TrainedModelPath);

/// <summary>Section <c>training.model</c>.</summary>
internal sealed record ModelConfig(string Name, string? Version, double? Alpha, Shape InputShape);

/// <summary>Section <c>quantization</c>.</summary>
internal sealed record QuantizationConfig(string InputType, string OutputType, double? MaxAccuracyDrop);
