using System.CommandLine;
using Kindling.Cli.Hosting;
using Kindling.Cli.Models;
using Kindling.Deployment;
using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Numerics;

namespace Kindling.Cli.Verbs;

/// <summary><c>kindling benchmark</c>: memory, flash and instructions of an int8 model on a simulated board.</summary>
internal sealed class BenchmarkVerb : Verb
{
    private const int NoiseInputs = 2;
    private readonly Option<string> _model;
    private readonly Option<string> _target;
    private readonly Option<OptimizationGoal> _optimize;
    private readonly Option<string[]> _images;
    private readonly Option<string?> _resize;
    private readonly Option<bool> _layers;

    public BenchmarkVerb()
        : base(
            "benchmark", "Builds an int8 model for a board, runs it in QEMU, and reads memory, flash and instructions.",
            "kindling benchmark --model model_int8.tflite --target stm32h7 --json",
            "kindling benchmark --model model_int8.tflite --target all",
            "kindling benchmark --model model_int8.tflite --target cortex-m4,80MHz,128KiB,512KiB")
    {
        _model = Add(CommonOptions.Model("The int8 model: .tflite."));
        _target = Add(CommonOptions.Target(" all prints a row for each board known by name."));
        _optimize = Add(CommonOptions.Optimize());
        _images = Add(new Option<string[]>("--images") { Description = "Photos or folders of photos to run; by default noise.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [], HelpName = "IMAGE" });
        _resize = Add(CommonOptions.Resize());
        _layers = Add(new Option<bool>("--layers") { Description = "Also count the instructions of each layer." });
    }

    public override VerbResult Run(ParseResult arguments, VerbContext context)
    {
        var path = arguments.GetRequiredValue(_model);
        var isAll = string.Equals(arguments.GetValue(_target), "all", StringComparison.OrdinalIgnoreCase);
        var target = isAll ? null : Targets.Find(arguments.GetValue(_target)!);
        var graph = ModelFile.Read(path);
        var images = arguments.GetValue(_images) ?? [];
        var inputs = images.Length > 0 ? Encode(path, images, arguments, context) : Noise(graph);
        var options = new CGeneratorOptions { Optimize = arguments.GetValue(_optimize) };
        if (target is null)
            return RunAll(graph, inputs, options, context);
        context.Terminal.Info($"building for {target.Core} and running {inputs.Count} inputs in QEMU ({target.Machine})");
        var result = DeploymentBenchmark.Run(graph, target, inputs, options, layers: true);
        var document = BenchmarkDocument.Of(result, arguments.GetValue(_layers));
        return new VerbResult(document, document.ToText(), Difference(result));
    }

    private static VerbResult RunAll(Graph graph, List<byte[]> inputs, CGeneratorOptions options, VerbContext context)
    {
        context.Terminal.Info($"building for {Targets.All.Count(t => t.Refusal is null)} boards and running {inputs.Count} inputs in QEMU");
        var outcomes = DeploymentBenchmark.RunAll(graph, Targets.All, inputs, options);
        var document = BoardsDocument.Of(graph, outcomes);
        var failed = outcomes.Select(o => o.Result is { } r && Difference(r) is { } fault ? $"{o.Target.Board}: {fault}" : null).FirstOrDefault(f => f is not null);
        return new VerbResult(document, document.ToText(), failed);
    }

    /// <summary>What is wrong when the C does not give the host's outputs; null when it does.</summary>
    /// <param name="result">The benchmark.</param>
    /// <param name="inputs">What its inputs are.</param>
    internal static string? Difference(BenchmarkResult result, string inputs = "inputs") => result.OutputsEqualHost == result.Inputs
        ? null
        : $"the C code gave other outputs than the host for {result.Inputs - result.OutputsEqualHost} of {result.Inputs} {inputs}";

    /// <summary>Inputs of noise, the same at every call.</summary>
    internal static List<byte[]> Noise(Graph graph) => [.. Enumerable.Range(0, NoiseInputs).Select(i =>
    {
        var random = new RandomStream(i);
        var bytes = new byte[graph.Inputs[0].Bytes];
        for (var b = 0; b < bytes.Length; b++)
            bytes[b] = (byte)random.NextInt32(256);
        return bytes;
    })];

    private List<byte[]> Encode(string path, string[] images, ParseResult arguments, VerbContext context)
    {
        var model = PhotoModel.Open(path, CommonOptions.Interpolation(arguments.GetValue(_resize)));
        if (model.Note is not null)
            context.Terminal.Info(model.Note);
        var encoder = new InputEncoder(model.Graph.Inputs[0], model.Preprocessing);
        return [.. Photos.Find(images).Select(file =>
        {
            var bytes = new byte[model.Graph.Inputs[0].Bytes];
            encoder.EncodePixels(Photos.Pixels(file, model.Preprocessing), bytes);
            return bytes;
        })];
    }
}
