using Kindling.Cli.Configuration;
using Kindling.Deployment;

namespace Kindling.Cli.Pipeline;

/// <summary>Writes the int8 network as C.</summary>
internal sealed class DeployStep : IPipelineStep
{
    /// <inheritdoc/>
    public bool AppliesTo(PipelineState state) => state.Config.Runs(Steps.Deploy);

    /// <inheritdoc/>
    public void Run(PipelineState state)
    {
        var graph = state.Int8Graph ?? throw new KindlingException($"general.model_path: {state.Config.General.ModelPath} is a float network; C is generated for int8 ones");
        var inputs = BoardInputs.Of(state, 1);
        state.Project = CGenerator.Generate(graph, state.Folder.C, new CGeneratorOptions
        {
            SelfTestInput = inputs.Count > 0 ? inputs[0] : null,
            ExamplePixels = state.Photos.Evaluation is { Count: > 0 } photos ? photos.Pixels(0).ToArray() : null,
            Target = Targets.Find(state.Config.Board),
        });
        state.Context.Terminal.Info($"C: {state.Folder.C}, {state.Project.Files.Count} files; call {state.Project.Symbol}_run()");
        if (state.Project.FrameRefusal is { } refusal)
            state.Context.Terminal.Warn($"C: no function for camera frames: {refusal}");
    }
}
