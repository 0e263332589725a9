using System.CommandLine;
using System.Globalization;
using System.Text;
using Kindling.Cli.Hosting;
using Kindling.Cli.Models;
using Kindling.Cli.Pipeline;
using Kindling.Data;
using Kindling.Data.Augmentation;
using Kindling.Graphs;
using Kindling.Quantization;
using Kindling.Quantization.Estimators;
using Kindling.Tensors;
using Kindling.Training;

namespace Kindling.Cli.Verbs;

/// <summary><c>kindling quantize</c>: a float model file to an int8 .tflite or .onnx.</summary>
internal sealed class QuantizeVerb : Verb
{
    private readonly Option<string> _model;
    private readonly Option<string> _data;
    private readonly SplitOptions _split;
    private readonly Option<string?> _output;
    private readonly Option<string?> _format;
    private readonly Option<int> _opset;
    private readonly Option<string> _onnxWeights;
    private readonly Option<string> _inputType;
    private readonly Option<string> _outputType;
    private readonly Option<int> _images;
    private readonly Option<string> _method;
    private readonly Option<double> _percentile;
    private readonly Option<string> _weights;
    private readonly Option<bool> _equalize;
    private readonly Option<bool> _biasCorrection;
    private readonly Option<bool> _adaround;
    private readonly Option<string?> _splitChannels;
    private readonly Option<int> _splitPieces;
    private readonly Option<double> _splitGrowth;
    private readonly Option<int> _qat;
    private readonly PreparationOptions _preparation;
    private readonly Option<int> _threads;

    public QuantizeVerb()
        : base(
            "quantize", "Quantizes a float model to int8 and writes it as .tflite or .onnx; the photos given are calibrated on.",
            "kindling quantize --model float.safetensors --data flower_photos.zip --split 0.2 --seed 127 --output model_int8.tflite",
            "kindling quantize --model squeezenet1.0.onnx --data flower_photos.zip --format onnx-qoperator --output squeezenet1.0_int8.onnx",
            "kindling quantize --model float.safetensors --calibration flower_photos.zip --split 0.2 --seed 127 --method auto")
    {
        _model = Add(CommonOptions.Model("The float model: .safetensors, .onnx, .h5, .tflite or .net."));
        _data = Add(CommonOptions.Data(isRequired: true));
        _data.Aliases.Add("--calibration");
        _split = new SplitOptions(Command);
        _output = Add(new Option<string?>("--output") { Description = "The file to write; by default model_int8.tflite or .onnx.", HelpName = "FILE" });
        _format = Add(ModelOutput.FormatOption());
        _opset = Add(ModelOutput.OpsetOption());
        _onnxWeights = Add(ModelOutput.WeightsOption());
        _inputType = Add(new Option<string>("--input-type") { Description = "Type of the input.", DefaultValueFactory = _ => "uint8" });
        _inputType.AcceptOnlyFromAmong("uint8", "int8", "float");
        _outputType = Add(new Option<string>("--output-type") { Description = "Type of the scores.", DefaultValueFactory = _ => "float" });
        _outputType.AcceptOnlyFromAmong("float", "int8", "uint8");
        _images = Add(new Option<int>("--images") { Description = "Photos to calibrate on, at most.", DefaultValueFactory = _ => Quantizing.DefaultImages });
        _method = Add(new Option<string>("--method")
        {
            Description = "How ranges are chosen. adaptive: mse with --equalize and --adaround; auto: the best of the cheap methods on held-out photos, with a table; tflite: TFLite's own rules.",
            DefaultValueFactory = _ => QuantizationMethod.Adaptive,
        });
        _method.AcceptOnlyFromAmong([.. QuantizationMethod.Names]);
        _percentile = Add(new Option<double>("--percentile") { Description = "Values that --method percentile keeps, in percent.", DefaultValueFactory = _ => PercentileEstimator.DefaultPercentile });
        _weights = Add(new Option<string>("--weights") { Description = "One weight scale for each output channel, or one a layer.", DefaultValueFactory = _ => "per-channel" });
        _weights.AcceptOnlyFromAmong("per-channel", "per-tensor");
        _equalize = Add(new Option<bool>("--equalize") { Description = "Add cross-layer equalization." });
        _biasCorrection = Add(new Option<bool>("--bias-correction") { Description = "Add bias correction." });
        _adaround = Add(new Option<bool>("--adaround") { Description = "Add adaptive rounding of weights, with bias correction." });
        _splitChannels = Add(new Option<string?>("--split-channels")
        {
            Description = "Split the channels of these layers (names, separated by commas) into pieces of their range with 256 steps each, which makes the network larger. auto: the layers whose rounding costs most for what they add.",
            HelpName = "auto|LAYERS",
        });
        _splitPieces = Add(new Option<int>("--split-pieces") { Description = "Pieces of a split channel, 2 to 4.", DefaultValueFactory = _ => ChannelSplittingOptions.LeastPieces });
        _splitGrowth = Add(new Option<double>("--split-growth") { Description = "Multiply-accumulates that --split-channels auto may add, at most, in percent of the network's.", DefaultValueFactory = _ => 100 * ChannelSplittingOptions.DefaultGrowth });
        _qat = Add(new Option<int>("--qat") { Description = "Epochs of quantization-aware fine-tuning on all photos of --data, with the float model as teacher.", HelpName = "EPOCHS" });
        _preparation = new PreparationOptions(Command);
        _threads = Add(CommonOptions.Threads());
    }

    public override VerbResult Run(ParseResult arguments, VerbContext context)
    {
        var format = arguments.GetValue(_format);
        var output = arguments.GetValue(_output) ?? (format is null or "tflite" ? "model_int8.tflite" : "model_int8.onnx");
        var target = ModelOutput.Of(output, format, arguments.GetValue(_opset), arguments.GetValue(_onnxWeights));
        var model = PhotoModel.Open(arguments.GetRequiredValue(_model), _preparation.Of(arguments));
        if (model.Graph.Inputs[0].Type != ElementType.Float32)
            throw new KindlingException($"{model.Path} is quantized already");
        if (arguments.GetValue(_qat) is < 0 or > 1000)
            throw new KindlingException("--qat must be from 0 to 1000 epochs");
        if (arguments.GetValue(_images) < 1)
            throw new KindlingException("--images must be at least 1");
        using var dataset = CommonOptions.OpenData(arguments.GetRequiredValue(_data));
        var part = _split.Choose(dataset, arguments, otherwise: "training");
        var method = Method(arguments);
        var calibrated = Quantizing.Choose(part.Count, arguments.GetValue(_images));
        var threads = arguments.GetValue(_threads);
        var cache = Photos.Decode(part.Subset(calibrated), model.Preprocessing, "decoding photos", threads, checkImageFiles: false, context);
        var heldOut = !method.Searches ? null : Photos.Decode(
            part.Subset(Quantizing.ChooseHeldOut(part.Count, calibrated)), model.Preprocessing, "decoding held-out photos", threads, checkImageFiles: false, context);
        using var feed = method.FineTuningEpochs == 0 ? null : Feed(part, model, threads, context);
        var (result, trials) = Quantizing.Run(model.Graph, cache, heldOut, feed?.AsSource(), method, threads, context);
        target.Write(result.Graph);
        if (method.Splitting is not null)
            context.Terminal.Info(Split(result, model.Graph));
        var bytes = new FileInfo(output).Length;
        var document = new { Method = trials.FirstOrDefault(t => t.Chosen)?.Method ?? method.Name, Trials = trials, Output = output, Bytes = bytes, CalibrationImages = result.Images, result.Splits, Inputs = result.Graph.Inputs.Select(TensorDescription.Of), Outputs = result.Graph.Outputs.Select(TensorDescription.Of) };
        return new VerbResult(document, $"{output}: {bytes.ToString("N0", CultureInfo.InvariantCulture)} bytes, calibrated on {result.Images} photos");
    }

    private static string Split(QuantizationResult result, Graph graph)
    {
        if (result.Splits.Count == 0)
            return "no layer was split: none makes much of the noise and fits the growth allowed";
        var text = new StringBuilder("channels were split, which adds multiply-accumulates and parameters, in percent of the network's:");
        foreach (var s in result.Splits)
            Add(string.Create(CultureInfo.InvariantCulture, $"{s.Name}, {s.Channels} channels to {s.Channels * s.Pieces}"), s.AddedMacs, s.AddedParameters);
        if (result.Splits.Count > 1)
            Add("together", result.Splits.Sum(s => s.AddedMacs), result.Splits.Sum(s => s.AddedParameters));
        return text.ToString();

        void Add(string what, long macs, long weights) => text.Append(
            CultureInfo.InvariantCulture, $"\n  {what}: +{100.0 * macs / graph.Macs:F1} %, +{100.0 * weights / graph.ParameterCount:F1} %");
    }

    private ChannelSplittingOptions? Splitting(ParseResult arguments)
    {
        if (arguments.GetValue(_splitChannels) is not { } layers)
        {
            return arguments.GetResult(_splitPieces) is { Implicit: false } || arguments.GetResult(_splitGrowth) is { Implicit: false }
                ? throw new KindlingException("--split-pieces and --split-growth say how channels are split, but --split-channels is missing")
                : null;
        }

        if (arguments.GetValue(_qat) > 0)
            throw new KindlingException("--split-channels cannot be combined with --qat: training would take the pieces of a channel apart");
        return new ChannelSplittingOptions
        {
            Layers = layers == "auto" ? [] : layers.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            Pieces = arguments.GetValue(_splitPieces),
            MostGrowth = arguments.GetValue(_splitGrowth) / 100,
        };
    }

    private static TrainingFeed Feed(ImageDataset photos, LoadedModel model, int threads, VerbContext context)
    {
        var cache = Photos.Decode(photos, model.Preprocessing, "decoding training photos", threads, checkImageFiles: false, context);
        return new TrainingFeed(cache, new AugmentationPipeline([], model.Preprocessing), Quantizing.FineTuningBatch(cache), seed: 0);
    }

    private QuantizationMethod Method(ParseResult arguments) => new()
    {
        Name = arguments.GetValue(_method)!,
        Percentile = arguments.GetValue(_percentile),
        PerTensor = arguments.GetValue(_weights) == "per-tensor",
        Equalize = arguments.GetValue(_equalize),
        BiasCorrection = arguments.GetValue(_biasCorrection),
        AdaptiveRounding = arguments.GetValue(_adaround),
        Splitting = Splitting(arguments),
        FineTuningEpochs = arguments.GetValue(_qat),
        InputType = QuantizationMethod.TypeOf(arguments.GetValue(_inputType)!),
        OutputType = QuantizationMethod.TypeOf(arguments.GetValue(_outputType)!),
    };
}
