using Kindling.Cli.Configuration;
using Kindling.Cli.Models;
using Kindling.Cli.Verbs;

namespace Kindling.Cli.Pipeline;

/// <summary>Classifies the photos of <c>prediction.test_images_path</c>.</summary>
internal sealed class PredictStep : IPipelineStep
{
    /// <inheritdoc/>
    public bool AppliesTo(PipelineState state) => state.Config.Runs(Steps.Predict);

    /// <inheritdoc/>
    public void Run(PipelineState state)
    {
        var graph = (state.Int8Graph ?? state.FloatGraph)!;
        var model = new LoadedModel(graph, state.Config.General.ModelPath!, graph.Metadata.Preprocessing!, null);
        state.Predictions = PredictVerb.Predict(model, Models.Photos.Find([state.Config.PredictionPath!]), state.Config.General.Threads, state.Context);
    }
}
