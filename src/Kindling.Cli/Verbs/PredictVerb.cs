using System.CommandLine;
using System.Globalization;
using Kindling.Cli.Hosting;
using Kindling.Cli.Models;
using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Numerics;

namespace Kindling.Cli.Verbs;

/// <summary><c>kindling predict</c>: classes and scores of photos.</summary>
internal sealed class PredictVerb : Verb
{
    private const int ShownClasses = 3;
    private readonly Option<string> _model;
    private readonly Argument<string[]> _images;
    private readonly PreparationOptions _preparation;
    private readonly Option<int> _threads;
    private readonly Option<string> _arithmetic;

    public PredictVerb()
        : base("predict", "Classifies photos.", "kindling predict --model model_int8.tflite rose.jpg more_photos/ --json")
    {
        _model = Add(CommonOptions.Model($"The model: {string.Join(", ", ModelFile.Extensions)}."));
        _images = Add(new Argument<string[]>("IMAGE") { Description = "Photos, or folders of photos.", Arity = ArgumentArity.OneOrMore });
        _preparation = new PreparationOptions(Command);
        _threads = Add(CommonOptions.Threads());
        _arithmetic = Add(CommonOptions.Arithmetic());
    }

    public override VerbResult Run(ParseResult arguments, VerbContext context)
    {
        var model = PhotoModel.Open(arguments.GetRequiredValue(_model), _preparation.Of(arguments));
        if (model.Note is not null)
            context.Terminal.Info(model.Note);
        var document = Predict(model, Photos.Find(arguments.GetRequiredValue(_images)), arguments.GetValue(_threads), context, CommonOptions.Arithmetic(arguments.GetValue(_arithmetic)));
        return new VerbResult(document, string.Join('\n', document.Images.Select(Line)));
    }

    /// <summary>Classifies files; unreadable ones are named and left out.</summary>
    /// <exception cref="KindlingException">None can be read.</exception>
    internal static PredictionDocument Predict(LoadedModel model, IReadOnlyList<string> files, int threads, VerbContext context, Int8Arithmetic? arithmetic = null)
    {
        using var classifier = new ImageClassifier(model.Graph, model.Preprocessing, threads: threads, arithmetic: arithmetic);
        var names = model.Graph.Metadata.ClassNames.Count == classifier.Classes
            ? model.Graph.Metadata.ClassNames
            : [.. Enumerable.Range(0, classifier.Classes).Select(c => c.ToString(CultureInfo.InvariantCulture))];
        var images = new List<ImagePrediction>();
        var skipped = new List<string>();
        var scores = new float[classifier.Classes];
        var isProbability = EndsInProbabilities(model.Graph);
        context.Terminal.Track("classifying", files.Count, tracker =>
        {
            for (var i = 0; i < files.Count; i++)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                try
                {
                    classifier.Classify(Photos.Pixels(files[i], model.Preprocessing), scores);
                    if (!isProbability)
                        Normalize(scores);
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

    /// <summary>True when the scores come out of a softmax or a sigmoid, through reshapes and conversions.</summary>
    internal static bool EndsInProbabilities(Graph graph)
    {
        var value = graph.Outputs[0];
        while (graph.Producer(value) is { Operator: Reshape or Quantize or Dequantize } node)
            value = node.Inputs[0];
        return graph.Producer(value)?.Operator is Softmax or Sigmoid;
    }

    private static void Normalize(float[] scores)
    {
        var largest = scores.Max();
        var sum = scores.Sum(s => Math.Exp(s - largest));
        for (var i = 0; i < scores.Length; i++)
            scores[i] = (float)(Math.Exp(scores[i] - largest) / sum);
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
