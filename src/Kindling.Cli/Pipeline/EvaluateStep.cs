using System.Globalization;
using Kindling.Cli.Configuration;
using Kindling.Cli.Models;

namespace Kindling.Cli.Pipeline;

/// <summary>Measures the float network, or the int8 one and what it lost.</summary>
/// <param name="isInt8">Which of the two.</param>
internal sealed class EvaluateStep(bool isInt8) : IPipelineStep
{
    /// <inheritdoc/>
    public bool AppliesTo(PipelineState state) =>
        state.Config.Runs(Steps.Evaluate) && state.Photos.Evaluation is not null && (isInt8 ? state.Int8Graph : state.FloatGraph) is not null;

    /// <inheritdoc/>
    public void Run(PipelineState state)
    {
        var name = isInt8 ? "int8" : "float";
        var graph = isInt8 ? state.Int8Graph! : state.FloatGraph!;
        var result = Evaluation.Run(graph, state.Photos.Evaluation!, $"evaluating {name}", state.Config.General.Threads, state.Context);
        state.Context.Terminal.Info(string.Create(
            CultureInfo.InvariantCulture, $"{name}: {result.Metrics.Top1 * 100:F2} % top-1 on {state.Photos.EvaluatedOn}"));
        if (!isInt8)
        {
            state.FloatEvaluation = result;
            return;
        }

        state.Int8Evaluation = result;
        if (state.Config.Quantization.MaxAccuracyDrop is { } most && state.FloatEvaluation is { } before)
        {
            var lost = (before.Metrics.Top1 - result.Metrics.Top1) * 100;
            if (lost > most)
                state.FailedCheck = string.Create(CultureInfo.InvariantCulture, $"int8 lost {lost:F2} points of top-1; quantization.max_accuracy_drop allows {most}");
        }
    }
}
