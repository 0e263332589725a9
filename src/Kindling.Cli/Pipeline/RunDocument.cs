using System.Globalization;
using Kindling.Cli.Verbs;

namespace Kindling.Cli.Pipeline;

/// <summary>A run as JSON: what results.json holds and <c>run --json</c> prints.</summary>
internal sealed record RunDocument
{
    /// <summary>The project's name.</summary>
    public required string Project { get; init; }

    /// <summary>The output folder.</summary>
    public required string OutputFolder { get; init; }

    /// <summary>The report.</summary>
    public required string Report { get; init; }

    /// <summary>The training; null when there was none.</summary>
    public TrainingDocument? Training { get; init; }

    /// <summary>Accuracy of the float network.</summary>
    public EvaluationDocument? Float { get; init; }

    /// <summary>Accuracy of the int8 network.</summary>
    public EvaluationDocument? Int8 { get; init; }

    /// <summary>Points of top-1 that int8 lost; negative when it gained.</summary>
    public double? AccuracyDropPoints { get; init; }

    /// <summary>The quantization methods that were compared; empty when one was asked for.</summary>
    public IReadOnlyList<TrialDocument> QuantizationTrials { get; init; } = [];

    /// <summary>The network that is deployed.</summary>
    public NetworkDocument? Network { get; init; }

    /// <summary>The simulated board.</summary>
    public BenchmarkDocument? Benchmark { get; init; }

    /// <summary>Photos that were classified.</summary>
    public PredictionDocument? Predictions { get; init; }

    /// <summary>What could not be done and why.</summary>
    public required IReadOnlyList<string> Skipped { get; init; }

    /// <summary>Why a check failed; null when none did.</summary>
    public string? FailedCheck { get; init; }

    /// <summary>The document of a run.</summary>
    public static RunDocument Of(PipelineState state)
    {
        var unreadable = state.Photos.Evaluation?.SkippedImages.Count ?? 0;
        var (before, after) = (state.FloatEvaluation?.Metrics, state.Int8Evaluation?.Metrics);
        var network = (state.Int8Graph ?? state.FloatGraph) is { } graph ? ShowVerb.Describe(graph) : null;
        return new RunDocument
        {
            Project = state.Config.General.ProjectName,
            OutputFolder = state.Folder.Root,
            Report = state.Folder.Report,
            Training = state.History is { } h ? new TrainingDocument(h.Epochs.Count, h.BestEpoch, h.Seconds) : null,
            Float = before is null ? null : EvaluationDocument.Of(before, unreadable),
            Int8 = after is null ? null : EvaluationDocument.Of(after, unreadable),
            AccuracyDropPoints = before is null || after is null ? null : (before.Top1 - after.Top1) * 100,
            QuantizationTrials = state.QuantizationTrials,
            Network = network is null ? null : new NetworkDocument(network.Name, network.Parameters, network.Macs, network.WeightBytes, network.ArenaBytes),
            Benchmark = state.Benchmark is null ? null : BenchmarkDocument.Of(state.Benchmark, layers: false),
            Predictions = state.Predictions,
            Skipped = state.Skipped,
            FailedCheck = state.FailedCheck,
        };
    }

    /// <summary>The figures as lines.</summary>
    public string ToText()
    {
        var lines = new List<string>();
        if (Float is not null)
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"float   {Float.Top1 * 100:F2} % top-1 of {Float.Images} photos"));
        if (Int8 is not null)
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"int8    {Int8.Top1 * 100:F2} % top-1"));
        if (Benchmark is not null)
            lines.Add(Benchmark.ToText());
        foreach (var image in Predictions?.Images ?? [])
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{image.File}: {image.Classes[0].Name} {image.Classes[0].Score * 100:F1} %"));
        lines.Add($"folder  {OutputFolder}");
        lines.Add($"report  {Report}");
        return string.Join('\n', lines);
    }
}

/// <summary>A training as JSON.</summary>
internal sealed record TrainingDocument(int Epochs, int BestEpoch, double Seconds);

/// <summary>A network's sizes as JSON.</summary>
internal sealed record NetworkDocument(string Name, long Parameters, long Macs, long WeightBytes, long ArenaBytes);
