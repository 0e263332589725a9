using Kindling.Cli.Configuration;
using Kindling.Cli.Hosting;
using Kindling.IO;

namespace Kindling.Cli.Pipeline;

/// <summary>Runs the steps of a configuration and gathers what they found.</summary>
internal static class PipelineRunner
{
    private static readonly IReadOnlyList<IPipelineStep> Preparation = [new NetworkStep(), new DataStep()];

    private static readonly IReadOnlyList<IPipelineStep> Work =
    [
        new TrainStep(), new EvaluateStep(isInt8: false), new QuantizeStep(), new EvaluateStep(isInt8: true),
        new DeployStep(), new BenchmarkStep(), new PredictStep(),
    ];

    /// <summary>Runs a configuration.</summary>
    /// <exception cref="KindlingException">Something about the user's input is wrong.</exception>
    /// <exception cref="InterruptedException">The user stopped the run; the message says how to continue it.</exception>
    public static VerbResult Run(UserConfig config, RunOptions options, VerbContext context)
    {
        foreach (var note in config.Notes)
            context.Terminal.Info(note);
        var folder = OutputFolder.Choose(config, options, DateTime.Now);
        var state = new PipelineState(config, folder, (options.Resume ?? config.Training?.ResumeFrom) is not null, context);
        Run(Preparation, state);
        // Nothing is written before the data and the model were found to be usable.
        WarnOfChanges(state);
        AtomicFile.Write(folder.Configuration, config.Resolved);
        Run(Work, state);
        var results = RunDocument.Of(state);
        AtomicFile.Write(folder.Results, JsonText.Write(results));
        ReportBuilder.Write(state);
        context.Terminal.Info($"report: {Path.GetFullPath(folder.Report)}");
        return new VerbResult(results, results.ToText(), state.FailedCheck);
    }

    private static void Run(IReadOnlyList<IPipelineStep> steps, PipelineState state)
    {
        foreach (var step in steps.Where(s => s.AppliesTo(state)))
        {
            state.Context.Cancellation.ThrowIfCancellationRequested();
            step.Run(state);
        }
    }

    private static void WarnOfChanges(PipelineState state)
    {
        if (state.IsResumed && File.Exists(state.Folder.Configuration) && File.ReadAllText(state.Folder.Configuration) != state.Config.Resolved)
            state.Context.Terminal.Warn($"the configuration differs from the one in {state.Folder.Root}: the weights will not be those of an uninterrupted run");
    }
}
