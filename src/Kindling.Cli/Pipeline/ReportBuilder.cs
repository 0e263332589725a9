using System.Globalization;
using Kindling.Cli.Models;
using Kindling.Deployment;
using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Passes;
using Kindling.Reports;

namespace Kindling.Cli.Pipeline;

/// <summary>Fills the report of a run.</summary>
internal static class ReportBuilder
{
    private const int MostMistakes = 16;

    /// <summary>Writes report.html.</summary>
    public static void Write(PipelineState state) => HtmlReport.Write(state.Folder.Report, Build(state));

    private static ReportModel Build(PipelineState state)
    {
        var config = state.Config;
        var graph = state.Int8Graph ?? state.FloatGraph;
        var network = graph is null ? null : Passes.ForInference(graph);
        var notRun = $"operation_mode {config.Mode} does not include it.";
        return new ReportModel
        {
            Title = config.General.ProjectName,
            Subtitle = string.Join(", ", Subtitle(state, graph)),
            EvaluatedOn = state.Photos.EvaluatedOn,
            Training = Part(state.History, $"This run did not train: {notRun}"),
            FloatAccuracy = Part(state.FloatEvaluation?.Metrics, state.FloatGraph is null ? "This run began with an int8 model; there is no float network." : $"The float network was not evaluated: {notRun}"),
            Int8Accuracy = Part(state.Int8Evaluation?.Metrics, $"There is no int8 figure: {notRun}"),
            Quantization = Quantization(state),
            Mistakes = Part(Mistakes(state), $"Nothing was evaluated: {notRun}"),
            Layers = Part(network is null ? null : GraphSummary.Of(network), "There is no network to show."),
            Memory = Part(network is null ? null : new MemoryLayout(network, state.Project?.Plan is { } plan && ReferenceEquals(state.Project.Graph, network) ? plan : MemoryPlanner.Plan(network, new MemoryPlanOptions(1, 4))), "Memory was not planned."),
            Device = Device(state, notRun),
            Reproduction = new Reproduction(state.Context.CommandLine, [.. Facts(state)], config.Resolved),
        };
    }

    private static ReportPart<T> Part<T>(T? content, string reason)
        where T : class => content is null ? ReportPart.Missing<T>(reason) : ReportPart.Of(content);

    private static IEnumerable<string> Subtitle(PipelineState state, Graph? graph)
    {
        if (graph is not null)
        {
            yield return graph.Name;
            yield return graph.Inputs[0].Shape.ToSizeString();
        }

        var data = state.Config.Dataset;
        if (data.IsSynthetic)
            yield return "shapes drawn by Kindling";
        else if (data.Name != "<unnamed>")
            yield return data.Name;
        if (state.Photos.Training is { } training)
            yield return $"{training.ClassNames.Count} classes, {training.Count + (state.Photos.Evaluation?.Count ?? 0)} photos";
    }

    private static QuantizationComparison? Quantization(PipelineState state) => state.QuantizationTrials is not [{ FloatTop1: { } floatTop1 }, ..] trials ? null : new QuantizationComparison(
        state.Photos.HeldOut!.Count, floatTop1,
        [.. trials.Select(t => new ComparedMethod(t.Method, t.Chosen, t.Top1.GetValueOrDefault(), t.Agreement, t.Divergence, t.ScoresSnrDb, t.Seconds))]);

    private static IReadOnlyList<Mistake>? Mistakes(PipelineState state)
    {
        if ((state.Int8Evaluation ?? state.FloatEvaluation) is not { } evaluation || state.Photos.Evaluation is not { } photos)
            return null;
        var names = evaluation.Metrics.ClassNames;
        return [.. evaluation.Predictions.Where(p => p.Predicted != p.Label).OrderByDescending(p => p.Score).ThenBy(p => p.Index).Take(MostMistakes)
            .Select(p => new Mistake(photos.FileName(p.Index), names[p.Label], names[p.Predicted], p.Score, p.LabelScore, Verification.Thumbnail(photos, p.Index)))];
    }

    private static ReportPart<DeviceResult> Device(PipelineState state, string notRun)
    {
        if (state.Benchmark is { } b)
        {
            return ReportPart.Of(new DeviceResult
            {
                Target = $"{b.Target.Core}, QEMU {b.Target.Machine}",
                ActivationRamBytes = b.ActivationRamBytes,
                RuntimeRamBytes = b.RuntimeRamBytes,
                WeightsFlashBytes = b.WeightsFlashBytes,
                CodeFlashBytes = b.CodeFlashBytes,
                Instructions = b.Instructions,
                Macs = b.Macs,
                Time = b.Time is { } time ? CardBuilder.Time(time).ToSentence() : null,
                ImagesCompared = b.Inputs,
                ImagesEqual = b.OutputsEqualHost,
                Notes = b.Shortage is { } shortage ? [$"It does not fit: {b.Target.Board} has {shortage} too little."] : [],
            });
        }

        if (state.Project is not { } project)
            return ReportPart.Missing<DeviceResult>(state.Skipped.Count > 0 ? state.Skipped[0] : $"No C was generated or run: {notRun}");
        return ReportPart.Of(new DeviceResult
        {
            Target = $"{Targets.Find(state.Config.Board).Core}, as planned",
            ActivationRamBytes = project.ArenaBytes,
            WeightsFlashBytes = project.WeightsFlashBytes,
            Macs = project.Graph.Macs,
            Notes = state.Skipped.Count > 0 ? state.Skipped : [$"The C was not run: {notRun}"],
        });
    }

    private static IEnumerable<KeyValuePair<string, string>> Facts(PipelineState state)
    {
        var config = state.Config;
        yield return new("Kindling", typeof(ReportBuilder).Assembly.GetName().Version?.ToString(3) ?? "");
        yield return new("Seeds", string.Create(CultureInfo.InvariantCulture, $"{config.General.Seed} (weights, order, augmentation), {config.Dataset.Seed} (split)"));
        if (!config.Dataset.IsSynthetic && config.Dataset.TrainingPath is { } path)
            yield return new("Photos", path);
        if (state.Photos.Unreadable > 0)
            yield return new("Unreadable photos", $"{state.Photos.Unreadable}, left out");
        yield return new("Processor", $"{Machine.Processor()}, {Environment.ProcessorCount} threads");
        yield return new("System", $"{System.Runtime.InteropServices.RuntimeInformation.OSDescription}, .NET {Environment.Version}");
        if (state.Benchmark is { } b)
        {
            yield return new("C compiler", b.Compiler);
            yield return new("Simulator", b.Emulator);
        }
    }
}
