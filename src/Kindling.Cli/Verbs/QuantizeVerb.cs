using System.CommandLine;
using System.Globalization;
using Kindling.Cli.Hosting;
using Kindling.Cli.Models;
using Kindling.Cli.Pipeline;
using Kindling.Data;
using Kindling.Formats.Tflite;
using Kindling.Quantization;
using Kindling.Tensors;

namespace Kindling.Cli.Verbs;

/// <summary><c>kindling quantize</c>: a float model file to an int8 .tflite.</summary>
internal sealed class QuantizeVerb : Verb
{
    private readonly Option<string> _model;
    private readonly Option<string> _data;
    private readonly SplitOptions _split;
    private readonly Option<string> _output;
    private readonly Option<string> _inputType;
    private readonly Option<string> _outputType;
    private readonly Option<int> _images;
    private readonly Option<int> _threads;

    public QuantizeVerb()
        : base(
            "quantize", "Quantizes a float model to int8 and writes it as .tflite; the photos given are calibrated on.",
            "kindling quantize --model float.safetensors --data flower_photos.zip --split 0.2 --seed 127 --output model_int8.tflite")
    {
        _model = Add(CommonOptions.Model("The float model: .safetensors written by Kindling."));
        _data = Add(CommonOptions.Data(isRequired: true));
        _split = new SplitOptions(Command);
        _output = Add(new Option<string>("--output") { Description = "The file to write.", DefaultValueFactory = _ => "model_int8.tflite", HelpName = "FILE" });
        _inputType = Add(new Option<string>("--input-type") { Description = "Type of the input.", DefaultValueFactory = _ => "uint8" });
        _inputType.AcceptOnlyFromAmong("uint8", "int8", "float");
        _outputType = Add(new Option<string>("--output-type") { Description = "Type of the scores.", DefaultValueFactory = _ => "float" });
        _outputType.AcceptOnlyFromAmong("float", "int8", "uint8");
        _images = Add(new Option<int>("--images") { Description = "Photos to calibrate on, at most.", DefaultValueFactory = _ => Calibration.DefaultImages });
        _threads = Add(CommonOptions.Threads());
    }

    public override VerbResult Run(ParseResult arguments, VerbContext context)
    {
        var model = PhotoModel.Open(arguments.GetRequiredValue(_model));
        if (model.Graph.Inputs[0].Type != ElementType.Float32)
            throw new KindlingException($"{model.Path} is quantized already");
        if (arguments.GetValue(_images) < 1)
            throw new KindlingException("--images must be at least 1");
        using var dataset = ImageDataset.Open(arguments.GetRequiredValue(_data));
        var part = _split.Choose(dataset, arguments, otherwise: "training");
        var subset = part.Subset(Calibration.Choose(part.Count, arguments.GetValue(_images)));
        var threads = arguments.GetValue(_threads);
        var cache = Photos.Decode(subset, model.Preprocessing, "decoding photos", threads, checkImageFiles: false, context);
        var options = new QuantizationOptions
        {
            InputType = Calibration.TypeOf(arguments.GetValue(_inputType)!),
            OutputType = Calibration.TypeOf(arguments.GetValue(_outputType)!),
            Threads = threads,
        };
        var result = Calibration.Quantize(model.Graph, cache, options, context);
        var output = arguments.GetValue(_output)!;
        TfliteWriter.Write(result.Graph, output);
        var bytes = new FileInfo(output).Length;
        var document = new { Output = output, Bytes = bytes, CalibrationImages = result.Images, Inputs = result.Graph.Inputs.Select(TensorDescription.Of), Outputs = result.Graph.Outputs.Select(TensorDescription.Of) };
        return new VerbResult(document, $"{output}: {bytes.ToString("N0", CultureInfo.InvariantCulture)} bytes, calibrated on {result.Images} photos");
    }
}
