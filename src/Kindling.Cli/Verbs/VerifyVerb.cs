using System.CommandLine;
using System.Globalization;
using System.Text;
using Kindling.Cli.Hosting;
using Kindling.Cli.Models;
using Kindling.Cli.Pipeline;
using Kindling.Data;
using Kindling.Deployment;
using Kindling.Quantization;
using Kindling.Reports;
using Kindling.Tensors;

namespace Kindling.Cli.Verbs;

/// <summary><c>kindling verify</c>: float, int8 on the host and generated C side by side.</summary>
internal sealed class VerifyVerb : Verb
{
    private const int WidestName = 40;
    private readonly Argument<string> _model;
    private readonly Option<string> _images;
    private readonly Option<string?> _float;
    private readonly Option<int> _count;
    private readonly SplitOptions _split;
    private readonly Option<string> _output;
    private readonly PreparationOptions _preparation;
    private readonly Option<int> _threads;
    private readonly Option<string?> _target;

    public VerifyVerb()
        : base(
            "verify", "Compares float, int8 and generated C on photos, layer by layer, and writes an HTML page.",
            "kindling verify model_int8.tflite --images flower_photos.zip --float float.safetensors")
    {
        _model = Add(new Argument<string>("MODEL") { Description = "An int8 .tflite, or a float model, which is quantized on the photos first." });
        _images = Add(new Option<string>("--images")
        {
            Description = "Photos: a folder with one sub-folder a class, a .zip archive of one, or a folder of IDX or CIFAR files.",
            Required = true,
            HelpName = "PATH",
        });
        _float = Add(new Option<string?>("--float") { Description = "The float model an int8 MODEL was made from; without it, int8 is compared with the numbers its own weights stand for.", HelpName = "FILE" });
        _count = Add(new Option<int>("--count") { Description = "Photos to compare, at most, spread over the set.", DefaultValueFactory = _ => 64 });
        _split = new SplitOptions(Command);
        _output = Add(new Option<string>("--output") { Description = "The page to write.", DefaultValueFactory = _ => "verify.html", HelpName = "FILE" });
        _preparation = new PreparationOptions(Command);
        _threads = Add(CommonOptions.Threads());
        _target = Add(new Option<string?>("--target") { Description = "Run the C on that simulated board, as kindling benchmark names it; by default on this machine.", HelpName = "BOARD" });
    }

    public override VerbResult Run(ParseResult arguments, VerbContext context)
    {
        if (arguments.GetValue(_count) < 1)
            throw new KindlingException("--count must be at least 1");
        var target = arguments.GetValue(_target) is { } board ? Targets.Find(board) : null;
        var model = PhotoModel.Open(arguments.GetRequiredValue(_model), _preparation.Of(arguments));
        if (model.Note is not null)
            context.Terminal.Info(model.Note);
        using var dataset = ImageDataset.Open(arguments.GetRequiredValue(_images));
        var threads = arguments.GetValue(_threads);
        var part = _split.Choose(dataset, arguments);
        var photos = Photos.Decode(
            part.Subset(Quantizing.Choose(part.Count, arguments.GetValue(_count))), model.Preprocessing, "decoding photos", threads, checkImageFiles: false, context);
        var verification = Prepare(model, photos, arguments.GetValue(_float), threads, target, context);
        var report = verification.Run(threads, context);
        var output = arguments.GetValue(_output)!;
        VerificationPage.Write(output, report);

        var identical = report.Identical.Content;
        var document = new
        {
            report.Images,
            report.Agreeing,
            OutputsCompared = identical?.Compared,
            OutputsIdentical = identical?.Equal,
            Skipped = report.Identical.Reason,
            Page = output,
            Layers = report.Layers,
            WorstPhotos = report.WorstPhotos.Select(p => new { p.Name, p.FloatClass, p.FloatScore, p.Int8Class, p.Int8Score, p.Difference }),
        };
        return new VerbResult(document, Table(report, output), identical is not null && identical.Equal < identical.Compared
            ? $"the C code gave other outputs than the host for {identical.Compared - identical.Equal} of {identical.Compared} photos"
            : null);
    }

    private static Verification Prepare(LoadedModel model, DecodedImageCache photos, string? floatPath, int threads, Target? target, VerbContext context)
    {
        var isFloat = model.Graph.Inputs[0].Type == ElementType.Float32 && !model.Graph.Nodes.Any(n => n.Output.Type.IsQuantized());
        if (isFloat)
        {
            if (floatPath is not null)
                throw new KindlingException($"--float {floatPath}: {model.Path} is a float model itself");
            var quantized = PostTrainingQuantizer.Quantize(
                model.Graph, Quantizing.Batches(photos).Select(b => b.Images), new QuantizationMethod().ToOptions(threads), cancellation: context.Cancellation).Graph;
            return new Verification(model.Graph, quantized, photos, $"Float: {model.Path}. Int8: the same, quantized on these photos as kindling quantize does by default.") { Target = target };
        }

        return floatPath is null
            ? new Verification(FloatTwin.Of(model.Graph), model.Graph, photos, $"Int8: {model.Path}. Float: the same network with the numbers that the int8 weights stand for, so only the rounding of activations counts.") { Target = target }
            : new Verification(FloatCounterpart.Open(floatPath, model), model.Graph, photos, $"Int8: {model.Path}. Float: {floatPath}.") { Target = target };
    }

    private static string Table(VerificationReport report, string page)
    {
        var text = new StringBuilder();
        var width = Math.Min(WidestName, report.Layers.Select(l => l.Name.Length).Append("layer".Length).Max());
        text.Append(CultureInfo.InvariantCulture, $"{"layer".PadRight(width)}  {"type",-18} {"SNR dB",7} {"lost",6} {"max diff",9} {"saturated",10}  worst photo\n");
        foreach (var l in report.Layers)
        {
            var name = l.Name.Length <= WidestName ? l.Name : $"…{l.Name[^(WidestName - 1)..]}";
            text.Append(CultureInfo.InvariantCulture, $"{name.PadRight(width)}  {l.Operator,-18} {l.SignalToNoise,7:F1} {l.Loss,6:F1} {l.MaxDifference,9:G3} {l.SaturatedShare * 100,8:F3} %  {l.WorstPhoto}\n");
        }

        if (report.WorstPhotos.Count > 0)
            text.Append(CultureInfo.InvariantCulture, $"worst photo: {report.WorstPhotos[0].Name}, a score differs by {report.WorstPhotos[0].Difference:F3}\n");
        text.Append(CultureInfo.InvariantCulture, $"int8 and float agree on {report.Agreeing} of {report.Images} photos ({100.0 * report.Agreeing / report.Images:F1} %)\n{page} written\n");
        return text.Append(report.Identical.Content is { } identical ? $"host int8 = C: {identical.Equal} of {identical.Compared} outputs identical" : report.Identical.Reason).ToString();
    }
}
