using System.CommandLine;
using System.Globalization;
using Kindling.Cli.Hosting;
using Kindling.Cli.Models;
using Kindling.Formats;
using Kindling.Formats.Keras;
using Kindling.Formats.Weights;
using Kindling.Graphs;
using Kindling.Tensors;
using Kindling.Training;

namespace Kindling.Cli.Verbs;

/// <summary><c>kindling convert</c>: a model or a file of weights to another format.</summary>
internal sealed class ConvertVerb : Verb
{
    private readonly Argument<string> _source;
    private readonly Argument<string> _target;
    private readonly Option<string?> _format;
    private readonly Option<int> _opset;
    private readonly Option<string> _onnxWeights;
    private readonly Option<string?> _network;
    private readonly Option<string?> _input;
    private readonly Option<string?> _classNames;
    private readonly Option<string?> _license;
    private readonly Option<bool> _half;
    private readonly PreparationOptions _preparation;

    public ConvertVerb()
        : base(
            "convert", "Converts a model, or fills a network of the zoo with weights, and writes it in another format with a table of what was mapped.",
            "kindling convert compressed_SqueezeNet.net squeezenet1.0.onnx",
            "kindling convert mobilenet.h5 mobilenet.tflite --preprocessing imagenet-tf --class-names daisy,dandelion,roses,sunflowers,tulips",
            "kindling convert model_int8.tflite model_int8.onnx --format onnx-qoperator --opset 13",
            "kindling convert float.safetensors small.safetensors --half")
    {
        _source = Add(new Argument<string>("IN") { Description = $"The model or weights: {string.Join(", ", ModelFile.Extensions)}." });
        _target = Add(new Argument<string>("OUT") { Description = "The file to write: .onnx, .tflite, or .safetensors." });
        _format = Add(ModelOutput.FormatOption());
        _opset = Add(ModelOutput.OpsetOption());
        _onnxWeights = Add(ModelOutput.WeightsOption());
        _network = Add(new Option<string?>("--network") { Description = "The zoo's network that IN holds weights of, when it does not say.", HelpName = "NAME" });
        _input = Add(new Option<string?>("--input") { Description = "Input of that network: HEIGHTxWIDTHxCHANNELS; by default what it was trained for.", HelpName = "SIZE" });
        _classNames = Add(new Option<string?>("--class-names") { Description = "Names of the classes: 'imagenet', a list with commas, or a file with one a line.", HelpName = "NAMES" });
        _license = Add(new Option<string?>("--license") { Description = "Licence of the weights, to be written into the file.", HelpName = "TEXT" });
        _half = Add(new Option<bool>("--half") { Description = "Store the weights of a .safetensors file in half precision; they are computed with in float32 all the same." });
        _preparation = new PreparationOptions(Command);
    }

    public override VerbResult Run(ParseResult arguments, VerbContext context)
    {
        var source = arguments.GetRequiredValue(_source);
        var target = arguments.GetRequiredValue(_target);
        var isWeights = Path.GetExtension(target).Equals(".safetensors", StringComparison.OrdinalIgnoreCase);
        var output = isWeights ? null : ModelOutput.Of(target, arguments.GetValue(_format), arguments.GetValue(_opset), arguments.GetValue(_onnxWeights));
        var isHalf = arguments.GetValue(_half);
        if (isHalf && !isWeights)
            throw new KindlingException($"--half is for .safetensors files; {target} is none");
        if (!File.Exists(source))
            throw new KindlingException($"model {source} does not exist");
        var (read, mapping, description) = Open(source, arguments.GetValue(_network), arguments.GetValue(_input));
        if (isWeights && read.Constants.Any(c => c.Type == ElementType.Int8))
            throw new KindlingException($"{source} is an int8 network; .safetensors files hold float weights. Write it as .tflite or .onnx");
        var graph = read.With(Describe(read, source, arguments));
        if (output is null)
            Checkpoint.SaveWeights(graph, target, description, isHalf);
        else
            output.Write(graph);

        // A conversion that changed the answers would be worse than none.
        double? difference = output is null && !(isHalf && ModelFile.NamesNetwork(target)) ? null : Comparison.LargestDifference(graph, ModelFile.Read(target));
        var bytes = new FileInfo(target).Length;
        var document = new ConversionDocument(
            target, bytes, output is not null && target.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) ? output.Opset : null, graph.ParameterCount, difference, mapping.Layers);
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{mapping.ToTable()}\n{target}: {bytes:N0} bytes{(difference is { } d ? $"; read back, its scores differ by at most {d:G2}" : "")}");
        if (graph.Metadata.Preprocessing is null)
            context.Terminal.Info($"{target} does not say how photos are prepared: --preprocessing says it");
        return new VerbResult(document, text);
    }

    private static (Graph Graph, WeightMapping Mapping, Dictionary<string, string> Description) Open(string path, string? network, string? input)
    {
        var extension = Path.GetExtension(path).ToUpperInvariant();
        if (network is not null || extension == ".NET" || (extension == ".SAFETENSORS" && !ModelFile.NamesNetwork(path)))
            return WeightFile.Open(path, network, input);
        if (input is not null)
            throw new KindlingException($"--input is for weights of a network of the zoo (--network); {path} says its own");
        if (extension is ".H5" or ".HDF5")
            return (KerasReader.Read(path, out var mapping), mapping, []);
        var graph = ModelFile.Read(path);
        var layers = GraphSummary.Of(graph).Layers.Where(l => l.Parameters > 0).Select(l => new MappedLayer(l.Name, l.Kind, l.OutputShape.ToString(), l.Parameters, null));
        return (graph, new WeightMapping(path, graph.Name, [.. layers]), extension == ".SAFETENSORS" ? ModelFile.DescriptionOf(path) : []);
    }

    private ModelMetadata Describe(Graph graph, string path, ParseResult arguments)
    {
        var metadata = graph.Metadata;
        var preparation = _preparation.Of(arguments);
        var preprocessing = preparation.Preset is null ? metadata.Preprocessing : PhotoModel.PresetFor(graph, path, preparation.Preset);
        metadata = metadata with
        {
            Preprocessing = preprocessing is null ? null : preparation.Apply(preprocessing),
            License = arguments.GetValue(_license) ?? metadata.License,
        };
        if (arguments.GetValue(_classNames) is not { } text)
            return metadata;
        var names = text.Equals("imagenet", StringComparison.OrdinalIgnoreCase) ? ImageNetClasses.Names
            : File.Exists(text) ? [.. File.ReadLines(text).Where(l => l.Length > 0)]
            : text.Split(',', StringSplitOptions.TrimEntries);
        var classes = graph.Outputs[0].Shape.ElementCount;
        return names.Count == classes
            ? metadata with { ClassNames = names }
            : throw new KindlingException($"--class-names {text}: {names.Count} names; {path} tells {classes} classes apart");
    }
}

/// <summary>A conversion as JSON.</summary>
internal sealed record ConversionDocument(string Output, long Bytes, int? Opset, long Parameters, double? LargestDifference, IReadOnlyList<MappedLayer> Layers);
