using Kindling.Cli.Configuration;
using Kindling.Cli.Models;
using Kindling.Graphs;
using Kindling.Tensors;

namespace Kindling.Cli.Pipeline;

/// <summary>Reads the model file that a run begins with, unless it trains a network of the zoo.</summary>
internal sealed class NetworkStep : IPipelineStep
{
    /// <inheritdoc/>
    public bool AppliesTo(PipelineState state) => state.Config.StartsFromModelFile;

    /// <inheritdoc/>
    public void Run(PipelineState state)
    {
        if (state.Config.Runs(Steps.Train))
        {
            // What the configuration says about the photos is what they are trained on, whatever the file was trained on.
            state.FloatGraph = ModelFile.ReadForTraining(state.StartPath, state.Config.Training!).Graph;
            var shape = state.FloatGraph.Inputs[0].Shape;
            state.Preprocessing = state.Config.Preprocessing!.For(shape.Height, shape.Width);
            return;
        }

        var path = state.Config.General.ModelPath!;
        var graph = ModelFile.Read(path);
        if (state.Config.Runs(Steps.Evaluate) || state.Config.Runs(Steps.Quantize) || state.Config.Runs(Steps.Predict))
            graph = WithPreprocessing(graph, path, state);
        state.Preprocessing = graph.Metadata.Preprocessing;
        if (graph.Constants.Any(c => c.Type == ElementType.Int8))
            state.Int8Graph = graph;
        else
            state.FloatGraph = graph;
    }

    private static Graph WithPreprocessing(Graph graph, string path, PipelineState state)
    {
        if (graph.Metadata.Preprocessing is null && state.Config.Preprocessing is { } given && graph.Inputs[0].Shape.Rank == 4)
            return graph.With(graph.Metadata with { Preprocessing = given.For(graph.Inputs[0].Shape.Height, graph.Inputs[0].Shape.Width) });
        var model = PhotoModel.Open(path);
        if (model.Note is not null)
            state.Context.Terminal.Info(model.Note);
        return model.Graph;
    }
}
