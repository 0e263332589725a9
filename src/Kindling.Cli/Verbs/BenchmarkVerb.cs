using System.CommandLine;
using System.Globalization;
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
            "kindling benchmark --model model_int8.tflite --target stm32h7 --json")
    {
        _model = Add(CommonOptions.Model("The int8 model: .tflite."));
        _target = Add(CommonOptions.Target());
        _optimize = Add(CommonOptions.Optimize());
        _images = Add(new Option<string[]>("--images") { Description = "Photos or folders of photos to run; by default noise.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [], HelpName = "IMAGE" });
        _resize = Add(CommonOptions.Resize());
        _layers = Add(new Option<bool>("--layers") { Description = "Also count the instructions of each layer." });
    }

    public override VerbResult Run(ParseResult arguments, VerbContext context)
    {
        var path = arguments.GetRequiredValue(_model);
        var target = Targets.Find(arguments.GetValue(_target)!);
        var graph = ModelFile.Read(path);
        var images = arguments.GetValue(_images) ?? [];
        var inputs = images.Length > 0 ? Encode(path, images, arguments, context) : Noise(graph);
        context.Terminal.Info($"building for {target.Core} and running {inputs.Count} inputs in QEMU ({target.Machine})");
        var result = DeploymentBenchmark.Run(
            graph, target, inputs, new CGeneratorOptions { Optimize = arguments.GetValue(_optimize) }, layers: arguments.GetValue(_layers));
        var document = BenchmarkDocument.Of(result);
        return new VerbResult(
            document, document.ToText(),
            document.OutputsEqualHost ? null : $"the C code gave other outputs than the host for {result.Inputs - result.OutputsEqualHost} of {result.Inputs} inputs");
    }

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

/// <summary>A benchmark as JSON.</summary>
internal sealed record BenchmarkDocument(
    string Target, string Board, string Core, long ActivationRamBytes, long RuntimeRamBytes, long StackBytes, long WeightsFlashBytes, long CodeFlashBytes,
    long Instructions, long Macs, int Inputs, bool OutputsEqualHost, bool Fits, string Compiler, string Emulator, IReadOnlyList<LayerInstructions> Layers)
{
    /// <summary>The document of a benchmark.</summary>
    public static BenchmarkDocument Of(BenchmarkResult r) => new(
        r.Target.Name, r.Target.Board, r.Target.Core, r.ActivationRamBytes, r.RuntimeRamBytes, r.StackBytes, r.WeightsFlashBytes, r.CodeFlashBytes,
        r.Instructions, r.Macs, r.Inputs, r.OutputsEqualHost == r.Inputs, r.Fits, r.Compiler, r.Emulator, r.Layers);

    /// <summary>The figures as lines.</summary>
    public string ToText() => string.Create(CultureInfo.InvariantCulture, $"""
        {Board} ({Core}), {Emulator}
        RAM           {ActivationRamBytes,12:N0} bytes of activations, {RuntimeRamBytes:N0} of runtime
        flash         {WeightsFlashBytes,12:N0} bytes of weights, {CodeFlashBytes:N0} of code
        instructions  {Instructions,12:N0} an inference, {(double)Instructions / Math.Max(1, Macs):F2} a multiply-accumulate
        outputs       {(OutputsEqualHost ? "equal to the host's to the bit" : "DIFFERENT from the host's")} for {Inputs} inputs
        {LayerTable()}
        """).TrimEnd();

    private string LayerTable()
    {
        var lines = Layers.Select(l => string.Create(
            CultureInfo.InvariantCulture,
            $"{l.Step,4}  {l.Operator,-18} {l.Output,-22} {l.Instructions,12:N0}  {100.0 * l.Instructions / Instructions,5:F1} %  {(l.Macs > 0 ? $"{(double)l.Instructions / l.Macs:F2} a multiply-accumulate" : "")}").TrimEnd());
        return string.Join(Environment.NewLine, lines);
    }
}
