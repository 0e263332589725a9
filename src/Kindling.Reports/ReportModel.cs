using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Reports.Metrics;

namespace Kindling.Reports;

/// <summary>Everything a report shows. A part that is missing is replaced by the sentence that says why.</summary>
public sealed record ReportModel
{
    /// <summary>The heading: the project's name.</summary>
    public required string Title { get; init; }

    /// <summary>One line below it: network, input size, data set.</summary>
    public string Subtitle { get; init; } = "";

    /// <summary>When the run ended.</summary>
    public DateTimeOffset Created { get; init; } = DateTimeOffset.Now;

    /// <summary>What accuracy was measured on, as a phrase: <c>734 validation photos</c>.</summary>
    public string EvaluatedOn { get; init; } = "the validation photos";

    /// <summary>The training, epoch by epoch.</summary>
    public ReportPart<TrainingHistory> Training { get; init; } = ReportPart.Missing<TrainingHistory>("This run did not train.");

    /// <summary>Accuracy of the float network.</summary>
    public ReportPart<ClassificationMetrics> FloatAccuracy { get; init; } = ReportPart.Missing<ClassificationMetrics>("The float network was not evaluated.");

    /// <summary>Accuracy of the int8 network.</summary>
    public ReportPart<ClassificationMetrics> Int8Accuracy { get; init; } = ReportPart.Missing<ClassificationMetrics>("The int8 network was not evaluated.");

    /// <summary>The quantization methods that were tried; null when the method was given.</summary>
    public QuantizationComparison? Quantization { get; init; }

    /// <summary>The most confident mistakes, the worst first.</summary>
    public ReportPart<IReadOnlyList<Mistake>> Mistakes { get; init; } = ReportPart.Missing<IReadOnlyList<Mistake>>("Nothing was evaluated.");

    /// <summary>The network that is deployed, layer by layer.</summary>
    public ReportPart<GraphSummary> Layers { get; init; } = ReportPart.Missing<GraphSummary>("There is no network to show.");

    /// <summary>The arena of the network that is deployed.</summary>
    public ReportPart<MemoryLayout> Memory { get; init; } = ReportPart.Missing<MemoryLayout>("Memory was not planned.");

    /// <summary>What the generated C did on the simulated target.</summary>
    public ReportPart<DeviceResult> Device { get; init; } = ReportPart.Missing<DeviceResult>("No C was generated.");

    /// <summary>How to get the same figures again.</summary>
    public required Reproduction Reproduction { get; init; }
}

/// <summary>A network and where its values live.</summary>
/// <param name="Graph">The network.</param>
/// <param name="Plan">Its memory plan.</param>
public sealed record MemoryLayout(Graph Graph, MemoryPlan Plan);

/// <summary>A training, epoch by epoch.</summary>
/// <param name="Epochs">The epochs in order.</param>
/// <param name="BestEpoch">The number of the epoch whose weights were kept.</param>
/// <param name="Seconds">Wall time of the whole training.</param>
public sealed record TrainingHistory(IReadOnlyList<EpochRecord> Epochs, int BestEpoch, double Seconds);

/// <summary>One epoch.</summary>
/// <param name="Epoch">Its number, from 1.</param>
/// <param name="LearningRate">Step size at its end.</param>
/// <param name="Loss">Mean loss on the augmented training photos.</param>
/// <param name="Accuracy">Share of augmented training photos classified rightly, from 0 to 1.</param>
/// <param name="ValidationLoss">Mean loss on the validation photos; NaN when not measured.</param>
/// <param name="ValidationAccuracy">Share of validation photos classified rightly, from 0 to 1; NaN when not measured.</param>
/// <param name="ImagesPerSecond">Training photos a second.</param>
public sealed record EpochRecord(
    int Epoch, double LearningRate, double Loss, double Accuracy, double ValidationLoss, double ValidationAccuracy, double ImagesPerSecond);

/// <summary>A photo that was classified wrongly.</summary>
/// <param name="Name">The photo's name.</param>
/// <param name="Actual">Its class.</param>
/// <param name="Predicted">The class with the highest score.</param>
/// <param name="Confidence">That score, from 0 to 1.</param>
/// <param name="ActualConfidence">The score of its class, from 0 to 1.</param>
/// <param name="Png">The photo as the network saw it, as a PNG file.</param>
public sealed record Mistake(string Name, string Actual, string Predicted, double Confidence, double ActualConfidence, ReadOnlyMemory<byte> Png);

/// <summary>What the generated C did on the target.</summary>
public sealed record DeviceResult
{
    /// <summary>The target and how it was run: <c>Cortex-M7, QEMU mps2-an500</c>.</summary>
    public required string Target { get; init; }

    /// <summary>Bytes of the arena that holds all activations.</summary>
    public required long ActivationRamBytes { get; init; }

    /// <summary>Other static RAM of the network, from the linked image; null when it was not linked.</summary>
    public long? RuntimeRamBytes { get; init; }

    /// <summary>Bytes of weights in flash, from the linked image; null when it was not linked.</summary>
    public long? WeightsFlashBytes { get; init; }

    /// <summary>Bytes of code and its constants in flash, from the linked image; null when it was not linked.</summary>
    public long? CodeFlashBytes { get; init; }

    /// <summary>Instructions of one inference; null when it was not run.</summary>
    public long? Instructions { get; init; }

    /// <summary>Multiply-accumulates of one inference.</summary>
    public long Macs { get; init; }

    /// <summary>What one inference may take on the board, as a sentence; null when it was not estimated.</summary>
    public string? Time { get; init; }

    /// <summary>Photos run on the target.</summary>
    public int ImagesCompared { get; init; }

    /// <summary>Photos among them whose outputs equal the host's to the bit.</summary>
    public int ImagesEqual { get; init; }

    /// <summary>What could not be measured and why; empty when everything was.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>How to get the same figures again.</summary>
/// <param name="Command">The command line.</param>
/// <param name="Facts">Seed, machine, versions, data: what one would have to know, in order.</param>
/// <param name="Configuration">The resolved configuration as YAML; null when there is none.</param>
public sealed record Reproduction(string Command, IReadOnlyList<KeyValuePair<string, string>> Facts, string? Configuration);
