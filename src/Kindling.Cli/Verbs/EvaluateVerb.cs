using System.CommandLine;
using System.Globalization;
using System.Text;
using Kindling.Cli.Hosting;
using Kindling.Cli.Models;
using Kindling.Data;
using Kindling.Reports.Metrics;

namespace Kindling.Cli.Verbs;

/// <summary><c>kindling evaluate</c>: accuracy of a model file on labelled photos.</summary>
internal sealed class EvaluateVerb : Verb
{
    private const int MostClassesShown = 50;
    private readonly Option<string> _model;
    private readonly Option<string> _data;
    private readonly SplitOptions _split;
    private readonly PreparationOptions _preparation;
    private readonly Option<bool> _check;
    private readonly Option<int> _threads;
    private readonly Option<string> _arithmetic;
    private readonly Option<string?> _baseline;

    public EvaluateVerb()
        : base(
            "evaluate", "Measures the accuracy of a model on labelled photos.",
            "kindling evaluate --model model_int8.tflite --data flower_photos.zip --split 0.2 --seed 127 --subset validation --json",
            "kindling evaluate --model squeezenet1.0_int8.onnx --baseline squeezenet1.0.onnx --data imagenet/labels.tsv")
    {
        _model = Add(CommonOptions.Model($"The model: {string.Join(", ", ModelFile.Extensions)}."));
        _data = Add(CommonOptions.Data(isRequired: true));
        _split = new SplitOptions(Command);
        _preparation = new PreparationOptions(Command);
        _check = Add(new Option<bool>("--check-image-files") { Description = "Make an unreadable photo an error instead of leaving it out." });
        _threads = Add(CommonOptions.Threads());
        _arithmetic = Add(CommonOptions.Arithmetic());
        _baseline = Add(new Option<string?>("--baseline") { Description = "A second model, such as the float one: its accuracy, how often both agree, and how much faster the first one is.", HelpName = "FILE" });
    }

    public override VerbResult Run(ParseResult arguments, VerbContext context)
    {
        var preparation = _preparation.Of(arguments);
        var model = Open(arguments.GetRequiredValue(_model), preparation, context);
        var baseline = arguments.GetValue(_baseline) is { } path ? Open(path, preparation, context) : null;
        using var dataset = CommonOptions.OpenData(arguments.GetRequiredValue(_data));
        var photos = _split.Choose(dataset, arguments);
        var (cache, result) = Evaluate(model, photos, "evaluating", arguments, context);
        var compared = baseline is null ? null : Compare(model, cache, result, baseline, photos, arguments, context);
        return new VerbResult(EvaluationDocument.Of(result.Metrics, cache.SkippedImages.Count) with { Baseline = compared }, Table(result.Metrics) + compared?.ToText());
    }

    private static LoadedModel Open(string path, Preparation preparation, VerbContext context)
    {
        var model = PhotoModel.Open(path, preparation);
        if (model.Note is not null)
            context.Terminal.Info(model.Note);
        return model;
    }

    private (DecodedImageCache Cache, EvaluationResult Result) Evaluate(
        LoadedModel model, ImageDataset photos, string title, ParseResult arguments, VerbContext context)
    {
        var threads = arguments.GetValue(_threads);
        var cache = Photos.Decode(photos, model.Preprocessing, "decoding photos", threads, arguments.GetValue(_check), context);
        return (cache, Evaluation.Run(model.Graph, cache, title, threads, context, CommonOptions.Arithmetic(arguments.GetValue(_arithmetic))));
    }

    private BaselineDocument Compare(
        LoadedModel model, DecodedImageCache cache, EvaluationResult result, LoadedModel baseline, ImageDataset photos, ParseResult arguments, VerbContext context)
    {
        var (otherCache, other) = Evaluate(baseline, photos, "evaluating the baseline", arguments, context);
        var agreeing = result.Predictions.Zip(other.Predictions).Count(p => p.First.Predicted == p.Second.Predicted) / (double)cache.Count;
        var (own, its) = Comparison.Milliseconds(model, baseline, cache.Pixels(0), otherCache.Pixels(0), arguments.GetValue(_threads), CommonOptions.Arithmetic(arguments.GetValue(_arithmetic)));
        return new BaselineDocument(baseline.Path, other.Metrics.Top1, other.Metrics.Top5, agreeing, own, its, its / own);
    }

    private static string Table(ClassificationMetrics metrics)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"top-1   {metrics.Top1 * 100:F2} % of {metrics.Images} photos\n");
        text.Append(CultureInfo.InvariantCulture, $"top-5   {metrics.Top5 * 100:F2} %\n");
        if (metrics.ClassNames.Count > MostClassesShown)
            return text.ToString().TrimEnd();
        var width = metrics.ClassNames.Max(n => n.Length);
        text.Append(CultureInfo.InvariantCulture, $"{new string(' ', width)}  {"photos",7} {"precision",10} {"recall",8} {"F1",8}");
        foreach (var c in metrics.Classes)
            text.Append(CultureInfo.InvariantCulture, $"\n{c.Name.PadRight(width)}  {c.Images,7} {c.Precision * 100,8:F1} % {c.Recall * 100,6:F1} % {c.F1 * 100,6:F1} %");
        return text.ToString();
    }
}

/// <summary>An evaluation as JSON: shares from 0 to 1; rows of the confusion matrix are actual classes, columns predicted ones.</summary>
internal sealed record EvaluationDocument(
    double Top1, double Top5, long Images, int SkippedImages, double MacroF1, IReadOnlyList<string> ClassNames, long[][]? Confusion)
{
    // The confusion matrix of ImageNet has a million entries, nearly all zero.
    private const int MostClasses = 200;

    /// <summary>The comparison with another model, when one was asked for.</summary>
    public BaselineDocument? Baseline { get; init; }

    /// <summary>The document of an evaluation.</summary>
    public static EvaluationDocument Of(ClassificationMetrics metrics, int skipped) =>
        new(metrics.Top1, metrics.Top5, metrics.Images, skipped, metrics.MacroF1, metrics.ClassNames, metrics.ClassNames.Count > MostClasses ? null : metrics.Confusion.ToRows());
}

/// <summary>A second model on the same photos.</summary>
/// <param name="Model">Its file.</param>
/// <param name="Top1">Its top-1, from 0 to 1.</param>
/// <param name="Top5">Its top-5.</param>
/// <param name="Agreement">Share of the photos that both put into the same class.</param>
/// <param name="Milliseconds">Time of the first model for one photo, the median of runs in turn.</param>
/// <param name="BaselineMilliseconds">Time of the second.</param>
/// <param name="SpeedUp">The second time over the first.</param>
internal sealed record BaselineDocument(
    string Model, double Top1, double Top5, double Agreement, double Milliseconds, double BaselineMilliseconds, double SpeedUp)
{
    /// <summary>The comparison in words.</summary>
    public string ToText() => string.Create(
        CultureInfo.InvariantCulture,
        $"\nbaseline {Model}\n  top-1   {Top1 * 100:F2} %\n  top-5   {Top5 * 100:F2} %\n  same class for {Agreement * 100:F2} % of the photos\n  batch 1: {Milliseconds:F2} ms against {BaselineMilliseconds:F2} ms, speed-up {SpeedUp:F2}");
}
