using Kindling.Cli.Configuration;
using Kindling.Cli.Hosting;
using Kindling.Cli.Models;
using Kindling.Cli.Verbs;
using Kindling.Data;
using Kindling.Deployment;
using Kindling.Graphs;
using Kindling.Reports;

namespace Kindling.Cli.Pipeline;

/// <summary>What the steps of a run hand on to each other.</summary>
/// <param name="Config">The configuration.</param>
/// <param name="Folder">Where files go.</param>
/// <param name="IsResumed">True when an interrupted run is continued.</param>
/// <param name="Context">Progress and cancellation.</param>
internal sealed record PipelineState(UserConfig Config, OutputFolder Folder, bool IsResumed, VerbContext Context)
{
    /// <summary>The photos, prepared.</summary>
    public PhotoSets Photos { get; set; } = new(null, null, null, null, null, "no photos", 0);

    /// <summary>How photos are prepared.</summary>
    public Preprocessing? Preprocessing { get; set; }

    /// <summary>The float network.</summary>
    public Graph? FloatGraph { get; set; }

    /// <summary>The int8 network.</summary>
    public Graph? Int8Graph { get; set; }

    /// <summary>The file that a training without <c>training.model</c> begins with.</summary>
    public string StartPath => Config.General.ModelPath ?? Folder.LastCheckpoint;

    /// <summary>The training.</summary>
    public TrainingHistory? History { get; set; }

    /// <summary>The quantization methods that were compared; empty when one was asked for.</summary>
    public IReadOnlyList<TrialDocument> QuantizationTrials { get; set; } = [];

    /// <summary>Accuracy of the float network.</summary>
    public EvaluationResult? FloatEvaluation { get; set; }

    /// <summary>Accuracy of the int8 network.</summary>
    public EvaluationResult? Int8Evaluation { get; set; }

    /// <summary>The generated C.</summary>
    public GeneratedProject? Project { get; set; }

    /// <summary>What the C did on the simulated board.</summary>
    public BenchmarkResult? Benchmark { get; set; }

    /// <summary>The photos that were to be classified.</summary>
    public PredictionDocument? Predictions { get; set; }

    /// <summary>What could not be done and why.</summary>
    public List<string> Skipped { get; } = [];

    /// <summary>Why the exit code is 2; null when no check failed.</summary>
    public string? FailedCheck { get; set; }
}

/// <summary>The photos of a run, prepared for the network.</summary>
/// <param name="Training">What weights may see.</param>
/// <param name="Validation">What the best epoch is chosen on.</param>
/// <param name="Evaluation">What accuracy is measured on.</param>
/// <param name="Calibration">What ranges are calibrated on; never evaluation photos.</param>
/// <param name="HeldOut">What quantization methods are compared on: neither calibrated nor evaluated on.</param>
/// <param name="EvaluatedOn">A phrase for reports: <c>734 validation photos</c>.</param>
/// <param name="Unreadable">Photos that were left out.</param>
internal sealed record PhotoSets(
    DecodedImageCache? Training, DecodedImageCache? Validation, DecodedImageCache? Evaluation, DecodedImageCache? Calibration, DecodedImageCache? HeldOut,
    string EvaluatedOn, int Unreadable);
