using System.Globalization;
using System.Text;
using Kindling.Cli.Hosting;
using Kindling.Data;
using Kindling.Data.Images;
using Kindling.Graphs;
using Kindling.Quantization;
using Kindling.Quantization.FineTuning;
using Kindling.Training;

namespace Kindling.Cli.Pipeline;

/// <summary>Quantizes with photos of caches.</summary>
internal static class Quantizing
{
    /// <summary>Training photos that are calibrated on unless the configuration says otherwise.</summary>
    public const int DefaultImages = 256;

    /// <summary>Other training photos that methods are compared on.</summary>
    public const int HeldOutImages = 256;

    private const int Batch = 16;

    /// <summary>Photos spread evenly over a set of <paramref name="count"/>, at most <paramref name="most"/>.</summary>
    public static IReadOnlyList<int> Choose(int count, int most)
    {
        var chosen = Math.Min(count, most);
        return [.. Enumerable.Range(0, chosen).Select(i => (int)((long)i * count / chosen))];
    }

    /// <summary>Photos to compare methods on, spread evenly over those that are not calibrated on.</summary>
    /// <exception cref="KindlingException">All photos are calibrated on.</exception>
    public static IReadOnlyList<int> ChooseHeldOut(int count, IReadOnlyList<int> calibration)
    {
        var rest = Enumerable.Range(0, count).Except(calibration).ToList();
        return rest.Count == 0
            ? throw new KindlingException($"all {count} photos are calibrated on, none is left to compare methods on; calibrate on fewer")
            : [.. Choose(rest.Count, HeldOutImages).Select(i => rest[i])];
    }

    /// <summary>Photos a step of fine-tuning: 32, or all of a smaller set.</summary>
    public static int FineTuningBatch(DecodedImageCache photos) => Math.Min(32, photos.Count);

    /// <summary>Quantizes a float network.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="calibration">Photos to calibrate and tune on.</param>
    /// <param name="heldOut">Other training photos to compare methods on; null when the method is not searched for.</param>
    /// <param name="training">Photos to fine-tune on; null when nothing is fine-tuned.</param>
    /// <param name="method">How.</param>
    /// <param name="threads">Threads; 0 takes one for each processor.</param>
    /// <param name="context">Progress and cancellation.</param>
    public static (QuantizationResult Result, IReadOnlyList<TrialDocument> Trials) Run(
        Graph graph, DecodedImageCache calibration, DecodedImageCache? heldOut, ITrainingSource? training, QuantizationMethod method, int threads, VerbContext context)
    {
        var options = method.ToOptions(threads);
        QuantizationResult? result = null;
        IReadOnlyList<TrialDocument> trials = [];
        context.Terminal.Track("quantizing", 1, tracker =>
        {
            var progress = new Relay(tracker, calibration.Count);
            var photos = Batches(calibration).Select(b => b.Images);
            if (training is not null)
            {
                var tuning = new FineTuningOptions { Epochs = method.FineTuningEpochs, Progress = new TuningRelay(tracker, method.FineTuningEpochs) };
                result = QuantizationAwareTrainer.Run(graph, photos, training, tuning, options, progress, context.Cancellation);
                return;
            }

            if (!method.Searches)
            {
                result = PostTrainingQuantizer.Quantize(graph, photos, options, progress, context.Cancellation);
                return;
            }

            var search = QuantizationSearch.Run(graph, photos, Batches(heldOut!), options, progress, context.Cancellation);
            result = search.Best;
            // The labels of other classes, such as flowers for a network of ImageNet, say nothing about an answer.
            var hasLabels = heldOut!.ClassNames.Count == graph.Outputs[0].Shape.Channels;
            trials = [.. search.Trials.Select((t, i) => TrialDocument.Of(t, i == search.Chosen, hasLabels))];
        });
        if (trials.Count > 0)
            context.Terminal.Info(Table(trials, heldOut!.Count));
        return (result!, trials);
    }

    private static string Table(IReadOnlyList<TrialDocument> trials, int photos)
    {
        var text = new StringBuilder();
        var width = trials.Max(t => t.Method.Length);
        text.Append(CultureInfo.InvariantCulture, $"methods on {photos} held-out training photos; {(trials[0].FloatTop1 is { } top1 ? $"the float network has {top1 * 100:F2} % top-1" : "their classes are not the network's")}\n");
        text.Append(CultureInfo.InvariantCulture, $"  {"method".PadRight(width)} {"top-1",9} {"as float",9} {"divergence",11} {"scores SNR",11} {"time",8}");
        foreach (var t in trials)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"\n{(t.Chosen ? "*" : " ")} {t.Method.PadRight(width)} {(t.Top1 is { } share ? string.Create(CultureInfo.InvariantCulture, $"{share * 100:F2} %") : "–"),9} {t.Agreement * 100,7:F2} % {t.Divergence,11:F5} {t.ScoresSnrDb,8:F1} dB {t.Seconds,6:F1} s");
        }

        return text.ToString();
    }

    /// <summary>The photos of a cache as a float network takes them, with their labels, some at a time.</summary>
    internal static IEnumerable<LabelledImages> Batches(DecodedImageCache photos)
    {
        var size = photos.Preprocessing.PixelCount();
        for (var first = 0; first < photos.Count; first += Batch)
        {
            var count = Math.Min(Batch, photos.Count - first);
            var images = new float[count * size];
            for (var i = 0; i < count; i++)
                ImagePreprocessor.ToFloat(photos.Pixels(first + i), photos.Preprocessing, images.AsSpan(i * size, size));
            yield return new LabelledImages(images, photos.Labels.Slice(first, count).ToArray());
        }
    }

    private sealed class Relay(IProgressTracker tracker, int photos) : IProgress<QuantizationProgress>
    {
        public void Report(QuantizationProgress value) =>
            tracker.Report(value.Images > 0 ? Math.Min(1, (double)value.Images / photos) : value.Done, value.Stage);
    }
}

/// <summary>Says how far a fine-tuning is.</summary>
internal sealed class TuningRelay(IProgressTracker tracker, int epochs) : ITrainingProgress
{
    /// <inheritdoc/>
    public void OnStep(in StepProgress progress) => tracker.Report(
        (progress.Epoch - 1 + ((double)progress.Step / progress.Steps)) / epochs,
        string.Create(CultureInfo.InvariantCulture, $"fine-tuning: epoch {progress.Epoch}/{epochs}  loss {progress.Loss:F4}"));

    /// <inheritdoc/>
    public void OnEpoch(EpochResult result) => tracker.Milestone(string.Create(
        CultureInfo.InvariantCulture, $"fine-tuning: epoch {result.Epoch}/{epochs}  loss {result.Loss:F4}  {result.ImagesPerSecond:F0} images/s"));
}

/// <summary>A method that was tried, as JSON: shares from 0 to 1 (no top-1 where the photos have other classes than the network), divergence in nats.</summary>
internal sealed record TrialDocument(
    string Method, bool Chosen, double? FloatTop1, double? Top1, double Agreement, double Divergence, double ScoresSnrDb, double Seconds)
{
    /// <summary>The document of a trial.</summary>
    public static TrialDocument Of(QuantizationTrial t, bool isChosen, bool hasLabels) => new(
        t.Method, isChosen, hasLabels ? t.Fidelity.FloatTop1 : null, hasLabels ? t.Fidelity.Top1 : null, t.Fidelity.Agreement, t.Fidelity.Divergence, t.Fidelity.LogitSignalToNoise, t.Seconds);
}
