using System.CommandLine;
using System.Globalization;
using System.Text;
using Kindling.Cli.Hosting;
using Kindling.Cli.Models;
using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Passes;
using Kindling.Tensors;
using Kindling.Zoo;

namespace Kindling.Cli.Verbs;

/// <summary><c>kindling show</c>: a network as a table.</summary>
internal sealed class ShowVerb : Verb
{
    /// <summary>Alignment of the generated C's arena, whose size is shown.</summary>
    private const int ArenaAlignment = 4;

    private const int WidestName = 40;

    private readonly Argument<string> _model;
    private readonly Option<int?> _classes;
    private readonly Option<string?> _input;

    public ShowVerb()
        : base(
            "show", "Shows a network layer by layer, with its parameters, work and memory.",
            "kindling show model_int8.tflite", "kindling show squeezenet_v1.1 --classes 1000 --input 224x224x3", "kindling show mobilenet_v1_0.25 --input 96x96x3 --classes 5 --json")
    {
        _model = Add(new Argument<string>("MODEL") { Description = $"A .tflite, .onnx or .safetensors file, or a network of the zoo: {string.Join(", ", ZooCatalogue.Models.Select(m => m.Name))}." });
        _classes = Add(new Option<int?>("--classes") { Description = "Classes of a network of the zoo; by default those it was published for." });
        _input = Add(new Option<string?>("--input") { Description = "Input of a network of the zoo: HEIGHTxWIDTHxCHANNELS; by default the one it was published for." });
    }

    public override VerbResult Run(ParseResult arguments, VerbContext context)
    {
        var name = arguments.GetRequiredValue(_model);
        var graph = File.Exists(name) || Path.GetExtension(name).ToUpperInvariant() is ".TFLITE" or ".ONNX" or ".SAFETENSORS"
            ? ModelFile.Read(name)
            : Build(name, arguments.GetValue(_input), arguments.GetValue(_classes));
        var description = Describe(graph);
        return new VerbResult(description, Table(description));
    }

    /// <summary>Adds a network up.</summary>
    internal static ModelDescription Describe(Graph graph)
    {
        var summary = GraphSummary.Of(graph);
        var plan = MemoryPlanner.Plan(Passes.ForInference(graph), new MemoryPlanOptions(1, ArenaAlignment));
        return new ModelDescription(
            graph.Name, [.. graph.Inputs.Select(TensorDescription.Of)], [.. graph.Outputs.Select(TensorDescription.Of)],
            [.. summary.Layers.Select(l => new LayerDescription(l.Name, l.Kind, l.Inputs, [.. l.OutputShape], l.OutputType.Name(), l.Parameters, l.WeightBytes, l.Macs))],
            summary.Parameters, summary.TrainableParameters, summary.Macs, summary.WeightBytes, plan.ArenaBytes, graph.Metadata.ClassNames);
    }

    private static Graph Build(string name, string? input, int? classes)
    {
        var model = ZooCatalogue.Find(name);
        var options = input is null ? model.Defaults : WithInput(model.Defaults, input);
        return model.Build(options with { Classes = classes ?? options.Classes });
    }

    private static ModelOptions WithInput(ModelOptions options, string input)
    {
        var size = input.Split('x').Select(s => int.TryParse(s, NumberStyles.None, CultureInfo.InvariantCulture, out var side) ? side : 0).ToArray();
        return size.Length == 3 && size.All(s => s > 0)
            ? options with { Height = size[0], Width = size[1], Channels = size[2] }
            : throw new KindlingException($"--input {input} is not HEIGHTxWIDTHxCHANNELS, such as 96x96x3");
    }

    /// <summary>Converters join the names of all layers they fused; the end says most.</summary>
    private static string Shorten(string name) => name.Length <= WidestName ? name : $"…{name[^(WidestName - 1)..]}";

    private static string Table(ModelDescription model)
    {
        var text = new StringBuilder($"{model.Name}\n");
        var width = Math.Min(WidestName, model.Layers.Select(l => l.Name.Length).Append("layer".Length).Max());
        text.Append(CultureInfo.InvariantCulture, $"  {"layer".PadRight(width)}  {"type",-18} {"output",-13} {"elements",-8} {"parameters",10} {"macs",13}  connected to\n");
        foreach (var layer in model.Layers)
        {
            var shape = string.Join('x', layer.OutputShape.Skip(1));
            text.Append(CultureInfo.InvariantCulture, $"  {Shorten(layer.Name).PadRight(width)}  {layer.Operator,-18} {shape,-13} {layer.OutputType,-8} {layer.Parameters,10:N0} {layer.Macs,13:N0}  {string.Join(", ", layer.Inputs.Select(Shorten))}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"inputs      {string.Join(", ", model.Inputs)}\n");
        text.Append(CultureInfo.InvariantCulture, $"outputs     {string.Join(", ", model.Outputs)}\n");
        if (model.ClassNames.Count > 0)
            text.Append(CultureInfo.InvariantCulture, $"classes     {string.Join(", ", model.ClassNames)}\n");
        text.Append(CultureInfo.InvariantCulture, $"parameters  {model.Parameters:N0} ({model.TrainableParameters:N0} trainable, {model.Parameters - model.TrainableParameters:N0} not)\n");
        text.Append(CultureInfo.InvariantCulture, $"macs        {model.Macs:N0}\n");
        text.Append(CultureInfo.InvariantCulture, $"weights     {model.WeightBytes:N0} bytes\n");
        return text.Append(CultureInfo.InvariantCulture, $"arena       {model.ArenaBytes:N0} bytes").ToString();
    }
}

/// <summary>A network as <c>show --json</c> prints it.</summary>
internal sealed record ModelDescription(
    string Name, IReadOnlyList<TensorDescription> Inputs, IReadOnlyList<TensorDescription> Outputs, IReadOnlyList<LayerDescription> Layers,
    long Parameters, long TrainableParameters, long Macs, long WeightBytes, long ArenaBytes, IReadOnlyList<string> ClassNames);

/// <summary>A layer as <c>show --json</c> prints it.</summary>
internal sealed record LayerDescription(
    string Name, string Operator, IReadOnlyList<string> Inputs, IReadOnlyList<int> OutputShape, string OutputType, long Parameters, long WeightBytes, long Macs);

/// <summary>An input or output as <c>show --json</c> prints it.</summary>
internal sealed record TensorDescription(string Name, IReadOnlyList<int> Shape, string Type, float? Scale, int? ZeroPoint)
{
    /// <summary>Describes a value.</summary>
    public static TensorDescription Of(Value value) =>
        new(value.Name, [.. value.Shape], value.Type.Name(), value.Quantization?.Scale, value.Quantization?.ZeroPoint);

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Name} {Type}[{string.Join(", ", Shape)}]{(Scale is null ? "" : string.Create(CultureInfo.InvariantCulture, $" scale {Scale:G9}, zero point {ZeroPoint}"))}";
}
