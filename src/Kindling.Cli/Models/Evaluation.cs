using Kindling.Cli.Hosting;
using Kindling.Data;
using Kindling.Execution;
using Kindling.Formats;
using Kindling.Graphs;
using Kindling.Numerics;
using Kindling.Reports.Metrics;

namespace Kindling.Cli.Models;

/// <summary>One photo's outcome.</summary>
/// <param name="Index">The photo, an index into the cache.</param>
/// <param name="Label">Its class, an index into the model's classes.</param>
/// <param name="Predicted">The class with the highest score.</param>
/// <param name="Score">That score.</param>
/// <param name="LabelScore">The score of its class.</param>
internal readonly record struct Prediction(int Index, int Label, int Predicted, float Score, float LabelScore);

/// <summary>What an evaluation found, photo by photo.</summary>
internal sealed record EvaluationResult(ClassificationMetrics Metrics, IReadOnlyList<Prediction> Predictions);

/// <summary>Measures a model on labelled photos.</summary>
internal static class Evaluation
{
    private const int Batch = 16;

    /// <summary>Classifies all photos of a cache.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="cache">The photos, prepared for it.</param>
    /// <param name="title">What the progress is called.</param>
    /// <param name="threads">Threads; 0 takes one for each processor.</param>
    /// <param name="context">Progress and cancellation.</param>
    /// <param name="arithmetic">How an int8 network rounds; null for what its file's format specifies.</param>
    /// <exception cref="KindlingException">The classes of model and photos differ.</exception>
    public static EvaluationResult Run(Graph graph, DecodedImageCache cache, string title, int threads, VerbContext context, Int8Arithmetic? arithmetic = null)
    {
        using var classifier = new ImageClassifier(graph, cache.Preprocessing, Batch, threads, arithmetic);
        var (names, labels) = MatchClasses(graph, classifier.Classes, cache.ClassNames, cache.Labels.ToArray().ToHashSet());
        var metrics = new MetricsAccumulator(names);
        var predictions = new List<Prediction>(cache.Count);
        context.Terminal.Track(title, cache.Count, tracker =>
        {
            var pixels = new byte[Batch * classifier.PixelsPerImage];
            var scores = new float[Batch * classifier.Classes];
            for (var first = 0; first < cache.Count; first += Batch)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                var count = Math.Min(Batch, cache.Count - first);
                for (var i = 0; i < count; i++)
                    cache.Pixels(first + i).CopyTo(pixels.AsSpan(i * classifier.PixelsPerImage));
                classifier.Classify(pixels.AsSpan(0, count * classifier.PixelsPerImage), scores.AsSpan(0, count * classifier.Classes));
                for (var i = 0; i < count; i++)
                {
                    var row = scores.AsSpan(i * classifier.Classes, classifier.Classes);
                    var label = labels[cache.Labels[first + i]];
                    var predicted = metrics.Add(row, label);
                    predictions.Add(new Prediction(first + i, label, predicted, row[predicted], row[label]));
                }

                tracker.Report(first + count);
            }
        });
        return new EvaluationResult(metrics.Result(), predictions);
    }

    /// <summary>The model's class names, and for each class of the photos its place among them; -1 for classes without photos that the model does not know.</summary>
    /// <param name="graph">The model.</param>
    /// <param name="classes">Its outputs.</param>
    /// <param name="photos">The names of the photos' classes.</param>
    /// <param name="used">The classes that have photos; null for all.</param>
    internal static (IReadOnlyList<string> Names, int[] Labels) MatchClasses(
        Graph graph, int classes, IReadOnlyList<string> photos, IReadOnlySet<int>? used = null)
    {
        var names = graph.Metadata.ClassNames.Count == classes ? graph.Metadata.ClassNames : null;
        var present = photos.Where((_, i) => used?.Contains(i) != false).ToList();
        if (classes == ImageNetClasses.Synsets.Count && present.All(p => ImageNetClasses.IndexOf(p) >= 0))
            return (names ?? ImageNetClasses.Names, [.. photos.Select(ImageNetClasses.IndexOf)]);
        if (names is null)
        {
            return photos.Count == classes
                ? (photos, [.. Enumerable.Range(0, classes)])
                : throw new KindlingException($"{graph.Name} tells {classes} classes apart, the photos have {photos.Count}: {Listed(photos)}");
        }

        var labels = photos.Select(p => names.ToList().IndexOf(p)).ToArray();
        var unknown = present.Except(names).ToList();
        return unknown.Count == 0
            ? (names, labels)
            : throw new KindlingException($"{graph.Name} knows no class {Listed(unknown)}; it knows {Listed(names)}");
    }

    private static string Listed(IReadOnlyList<string> names)
    {
        const int Most = 20;
        return string.Join(", ", names.Take(Most)) + (names.Count > Most ? $" and {names.Count - Most} more" : "");
    }
}
