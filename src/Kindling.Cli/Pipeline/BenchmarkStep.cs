using System.Globalization;
using Kindling.Cli.Configuration;
using Kindling.Cli.Verbs;
using Kindling.Deployment;

namespace Kindling.Cli.Pipeline;

/// <summary>Builds the C for the board, runs photos through it in QEMU, and compares with the host.</summary>
internal sealed class BenchmarkStep : IPipelineStep
{
    private const int PhotosOnBoard = 16;

    /// <inheritdoc/>
    public bool AppliesTo(PipelineState state) => state.Config.Runs(Steps.Benchmark);

    /// <inheritdoc/>
    public void Run(PipelineState state)
    {
        var graph = state.Int8Graph ?? throw new KindlingException($"general.model_path: {state.Config.General.ModelPath} is a float network; int8 ones are benchmarked");
        var target = Targets.Find(state.Config.Board);
        var missing = Toolchain.MissingFor(target);
        if (missing.Count > 0)
        {
            var programs = string.Join(" and ", missing.Select(m => m.Tool));
            var reason = $"The C was not run on a simulated board: {programs} not found. Install with: apt-get install {string.Join(' ', missing.Select(m => m.Package))}";
            state.Skipped.Add(reason);
            state.Context.Terminal.Warn(reason);
            return;
        }

        var inputs = BoardInputs.Of(state, PhotosOnBoard);
        if (inputs.Count == 0)
            inputs = [new byte[graph.Inputs[0].Bytes]];
        state.Context.Terminal.Info($"building for {target.Core} and running {inputs.Count} photos in QEMU ({target.Machine})");
        var result = state.Project is null ? DeploymentBenchmark.Run(graph, target, inputs, layers: true) : DeploymentBenchmark.Run(state.Project, target, inputs, layers: true);
        state.Benchmark = result;
        state.Context.Terminal.Info(string.Create(
            CultureInfo.InvariantCulture,
            $"board: {result.OutputsEqualHost} of {result.Inputs} photos equal the host's outputs to the bit, {result.Instructions:N0} instructions, RAM {result.RamBytes:N0} bytes, flash {result.FlashBytes:N0} bytes"));
        if (BenchmarkVerb.Difference(result, "photos") is { } fault)
            state.FailedCheck = fault;
    }
}
