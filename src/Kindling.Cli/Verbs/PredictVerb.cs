using System.CommandLine;
using System.Globalization;
using Kindling.Cli.Hosting;
using Kindling.Cli.Models;
using Kindling.Execution;
using Kindling.Numerics;

namespace Kindling.Cli.Verbs;

/// <summary><c>kindling predict</c>: classes and scores of photos.</summary>
internal sealed class PredictVerb : Verb
{
    private const int ShownClasses = 3;
    private readonly Option<string> _model;
    private readonly Argument<string[]> _images;
    private readonly Option<string?> _resize;
    private readonly Option<int> _threads;
    private readonly Option<string> _arithmetic;

    public PredictVerb()
        : base("predict", "Classifies photos.", "kindling predict --model model_int8.tflite rose.jpg more_photos/ --json")
    {
        _model = Add(CommonOptions.Model("The model: .tflite, or .safetensors written by Kindling."));
        _images = Add(new Argument<string[]>("IMAGE") { Description = "Photos, or folders of photos.", Arity = ArgumentArity.OneOrMore });
        _resize = Add(CommonOptions.Resize());
        _threads = Add(CommonOptions.Threads());
        _arithmetic = Add(CommonOptions.Arithmetic());
    }

    public override VerbResult Run(ParseResult arguments, VerbContext context)
    {
        var model = PhotoModel.Open(arguments.GetRequiredValue(_model), CommonOptions.Interpolation(arguments.GetValue(_resize)));
        if (model.Note is not null)
            context.Terminal.Info(model.Note);
        var document = Predict(model, Photos.Find(arguments.GetRequiredValue(_images)), arguments.GetValue(_threads), context, CommonOptions.Arithmetic(arguments.GetValue(_arithmetic)));
        return new VerbResult(document, string.Join('\n', document.Images.Select(Line)));
    }

    /// <summary>Classifies files; unreadable ones are named and left out.</summary>
    /// <exception cref="KindlingException">None can be read.</exception>
    internal static PredictionDocument Predict(LoadedModel model, IReadOnlyList<string> files, int threads, VerbContext context, Int8Arithmetic arithmetic = Int8Arithmetic.TfliteMicro)
    {
        using var classifier = new ImageClassifier(model.Graph, model.Preprocessing, threads: threads, arithmetic: arithmetic);
        var names = model.Graph.Metadata.ClassNames.Count == classifier.Classes
            ? model.Graph.Metadata.ClassNames
            : [.. Enumerable.Range(0, classifier.Classes).Select(c => c.ToString(CultureInfo.InvariantCulture))];
        var images = new List<ImagePrediction>();
        var skipped = new List<string>();
        var scores = new float[classifier.Classes];
        context.Terminal.Track("classifying", files.Count, tracker =>
        {
            for (var i = 0; i < files.Count; i++)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                try
                {
                    classifier.Classify(Photos.Pixels(files[i], model.Preprocessing), scores);
                    images.Add(new ImagePrediction(
                        files[i], [.. names.Select((name, c) => new ClassScore(name, scores[c])).OrderByDescending(c => c.Score)]));
                }
                catch (KindlingException e) when (files.Count > 1)
                {
                    context.Terminal.Warn($"left out: {e.Message}");
                    skipped.Add(files[i]);
                }

                tracker.Report(i + 1);
            }
        });
        return images.Count > 0 ? new PredictionDocument(images, skipped) : throw new KindlingException($"none of {files.Count} images can be read");
    }

    private static string Line(ImagePrediction image) =>
        $"{image.File}: {string.Join(", ", image.Classes.Take(ShownClasses).Select(c => $"{c.Name} {(c.Score * 100).ToString("F1", CultureInfo.InvariantCulture)} %"))}";
}

/// <summary>Predictions as JSON.</summary>
internal sealed record PredictionDocument(IReadOnlyList<ImagePrediction> Images, IReadOnlyList<string> Skipped);

/// <summary>One photo's classes, the likeliest first.</summary>
internal sealed record ImagePrediction(string File, IReadOnlyList<ClassScore> Classes);

/// <summary>A class with its score.</summary>
internal sealed record ClassScore(string Name, float Score);
