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
    private readonly Option<string> _model;
    private readonly Option<string> _data;
    private readonly SplitOptions _split;
    private readonly Option<string?> _resize;
    private readonly Option<bool> _check;
    private readonly Option<int> _threads;
    private readonly Option<string> _arithmetic;

    public EvaluateVerb()
        : base(
            "evaluate", "Measures the accuracy of a model on labelled photos.",
            "kindling evaluate --model model_int8.tflite --data flower_photos.zip --split 0.2 --seed 127 --subset validation --json")
    {
        _model = Add(CommonOptions.Model("The model: .tflite, or .safetensors written by Kindling."));
        _data = Add(CommonOptions.Data(isRequired: true));
        _split = new SplitOptions(Command);
        _resize = Add(CommonOptions.Resize());
        _check = Add(new Option<bool>("--check-image-files") { Description = "Make an unreadable photo an error instead of leaving it out." });
        _threads = Add(CommonOptions.Threads());
        _arithmetic = Add(CommonOptions.Arithmetic());
    }

    public override VerbResult Run(ParseResult arguments, VerbContext context)
    {
        var model = PhotoModel.Open(arguments.GetRequiredValue(_model), CommonOptions.Interpolation(arguments.GetValue(_resize)));
        if (model.Note is not null)
            context.Terminal.Info(model.Note);
        using var dataset = ImageDataset.Open(arguments.GetRequiredValue(_data));
        var threads = arguments.GetValue(_threads);
        var cache = Photos.Decode(_split.Choose(dataset, arguments), model.Preprocessing, "decoding photos", threads, arguments.GetValue(_check), context);
        var metrics = Evaluation.Run(model.Graph, cache, "evaluating", threads, context, CommonOptions.Arithmetic(arguments.GetValue(_arithmetic))).Metrics;
        return new VerbResult(EvaluationDocument.Of(metrics, cache.SkippedImages.Count), Table(metrics));
    }

    private static string Table(ClassificationMetrics metrics)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"top-1   {metrics.Top1 * 100:F2} % of {metrics.Images} photos\n");
        text.Append(CultureInfo.InvariantCulture, $"top-5   {metrics.Top5 * 100:F2} %\n");
        var width = metrics.ClassNames.Max(n => n.Length);
        text.Append(CultureInfo.InvariantCulture, $"{new string(' ', width)}  {"photos",7} {"precision",10} {"recall",8} {"F1",8}");
        foreach (var c in metrics.Classes)
            text.Append(CultureInfo.InvariantCulture, $"\n{c.Name.PadRight(width)}  {c.Images,7} {c.Precision * 100,8:F1} % {c.Recall * 100,6:F1} % {c.F1 * 100,6:F1} %");
        return text.ToString();
    }
}

/// <summary>An evaluation as JSON: shares from 0 to 1; rows of the confusion matrix are actual classes, columns predicted ones.</summary>
internal sealed record EvaluationDocument(
    double Top1, double Top5, long Images, int SkippedImages, double MacroF1, IReadOnlyList<string> ClassNames, long[][] Confusion)
{
    /// <summary>The document of an evaluation.</summary>
    public static EvaluationDocument Of(ClassificationMetrics metrics, int skipped) =>
        new(metrics.Top1, metrics.Top5, metrics.Images, skipped, metrics.MacroF1, metrics.ClassNames, metrics.Confusion.ToRows());
}
