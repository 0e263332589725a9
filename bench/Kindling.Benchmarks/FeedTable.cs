using System.Diagnostics;
using System.Globalization;
using Kindling.Data;
using Kindling.Data.Augmentation;
using Kindling.Execution;
using Kindling.Graphs;

namespace Kindling.Benchmarks;

/// <summary>Whether training waits for its photos: images per second of the feed alone, of training alone, and of training fed.</summary>
internal static class FeedTable
{
    private const string Network = "MobileNet v1 0.25 @96";
    private const int Side = 96;
    private const int Photos = 2048;
    private const int Classes = 5;
    private const int Rounds = 15;

    private static readonly AugmentationSpec Flip = Spec("random_flip", ("mode", "horizontal"));
    private static readonly AugmentationSpec[] Geometry =
    [
        Flip, Spec("random_translation", ("width_factor", 0.15), ("height_factor", 0.15)), Spec("random_rotation", ("factor", 0.1)), Spec("random_zoom", ("width_factor", 0.2)),
    ];

    private static readonly AugmentationSpec[] Usual = [.. Geometry, Spec("random_contrast", ("factor", 0.4)), Spec("random_brightness", ("factor", 0.3))];

    /// <summary>What is done to every photo.</summary>
    private static (string Name, AugmentationSpec[] Functions)[] Pipelines =>
    [
        ("none", []),
        ("flip", [Flip]),
        ("crop, flip", [Spec("random_resized_crop"), Flip]),
        ("flip, translation, rotation, zoom, contrast, brightness", Usual),
        ("the same, hsv, blur, noise, erasing",
            [
                .. Usual, Spec("random_hsv", ("hue_delta", 0.1), ("saturation_delta", 0.2), ("value_delta", 0.2)), Spec("random_blur", ("filter_size", 3)),
                Spec("random_gaussian_noise", ("stddev", 0.05)), Spec("random_rectangle_erasing"),
            ]),
    ];

    /// <summary>Prints the decoding rate and the table.</summary>
    /// <param name="path">Photos to decode; null for drawn ones.</param>
    /// <param name="budget">Seconds to measure, more or less.</param>
    public static void Run(string? path, TimeSpan budget)
    {
        QuickTable.PrintMachine();
        var preprocessing = new Preprocessing(Side, Side, ColorMode.Rgb, [1 / 127.5f], [-1]);
        using var dataset = path is null ? new SyntheticShapes(Photos, 1, Side) : ImageDataset.Open(path);
        // The network tells five classes apart.
        var photos = dataset.Subset([.. Enumerable.Range(0, dataset.Count).Where(i => dataset.Label(i) < Classes).Take(Photos)]);
        var start = ThreadClock.Seconds();
        for (var i = 0; i < 200; i++)
            photos.Load(i * photos.Count / 200);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Decoding, once a training: {200 / (ThreadClock.Seconds() - start):F0} images/s on one core ({photos.Name}).\n"));
        var cache = DecodedImageCache.Load(photos, preprocessing);
        Console.WriteLine($"| augmentation | feed, one core | training, two threads | fed by them | lost | due | fed by a third thread | lost |\n|---|---|---|---|---|---|---|---|");
        foreach (var (name, functions) in Pipelines)
            PrintRow(name, cache, new AugmentationPipeline(functions, preprocessing), budget / Pipelines.Length);
        Console.WriteLine("\nEach function alone, on every photo:\n\n| function | images/s of one core | µs |\n|---|---|---|");
        foreach (var function in AugmentationCatalogue.Functions)
        {
            var always = function.Example with { Arguments = new Dictionary<string, object?>(function.Example.Arguments) { ["change_rate"] = 1 } };
            using var feed = new TrainingFeed(cache, new AugmentationPipeline([always], preprocessing), TrainingTable.Batch, 1, prefetch: false);
            var rate = FeedRate(feed, TimeSpan.FromSeconds(0.15));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {function.Name} | {rate:F0} | {1e6 / rate:F1} |"));
        }
    }

    private static void PrintRow(string name, DecodedImageCache cache, AugmentationPipeline pipeline, TimeSpan budget)
    {
        using var alone = new TrainingFeed(cache, pipeline, TrainingTable.Batch, 1, prefetch: false);
        using var fed = new TrainingFeed(cache, pipeline, TrainingTable.Batch, 1);
        var (pool, plan, optimizer) = TrainingTable.Start(Network, threads: 2);
        using (pool)
        using (plan)
        using (optimizer)
        {
            var (feed, training, both, beside) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
            var (epoch, step) = (0, 0);
            var turn = budget / (Rounds * 4);
            // In turns, so that all see the same neighbours.
            for (var round = 0; round < Rounds; round++)
            {
                feed.Add(FeedRate(alone, turn));
                training.Add(Rate(turn, () => { }));
                both.Add(Rate(turn, () => Next(pool)));
                // The first batch of a turn is not yet prepared ahead.
                Next(null);
                beside.Add(Rate(turn, () => Next(null)));
            }

            // Before medians put the turns into another order.
            var (lost, lostBeside) = (Lost(both), Lost(beside));
            var (f, t) = (QuickTable.Median(feed), QuickTable.Median(training));
            var due = t / ((2 * f) + t);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {name} | {f:F0} | {t:F0} | {QuickTable.Median(both):F0} | {lost:F1} % | {due * 100:F1} % | {QuickTable.Median(beside):F0} | {lostBeside:F1} % |"));

            double Lost(List<double> rates) => (1 - QuickTable.Median([.. rates.Zip(training, (a, b) => a / b)])) * 100;

            void Next(WorkerPool? threads)
            {
                fed.Fill(epoch, step, plan.Images, plan.Labels, threads);
                (epoch, step) = step + 1 < fed.StepsPerEpoch ? (epoch, step + 1) : (epoch + 1, 0);
            }

            double Rate(TimeSpan time, Action fill)
            {
                var clock = Stopwatch.StartNew();
                var steps = 0;
                for (; steps < 2 || clock.Elapsed < time; steps++)
                {
                    fill();
                    plan.Run();
                    plan.Update(optimizer);
                }

                return steps * TrainingTable.Batch / clock.Elapsed.TotalSeconds;
            }
        }
    }

    /// <summary>Images a second of thread CPU time, shuffling included.</summary>
    private static double FeedRate(TrainingFeed feed, TimeSpan time)
    {
        var images = new float[TrainingTable.Batch * Side * Side * 3];
        var labels = new int[TrainingTable.Batch];
        feed.Fill(0, 0, images, labels);
        var start = ThreadClock.Seconds();
        double seconds;
        var batches = 0;
        do
        {
            feed.Fill(1 + (batches / feed.StepsPerEpoch), batches % feed.StepsPerEpoch, images, labels);
            batches++;
            seconds = ThreadClock.Seconds() - start;
        }
        while (seconds < time.TotalSeconds);
        return batches * TrainingTable.Batch / seconds;
    }

    private static AugmentationSpec Spec(string function, params (string Key, object Value)[] arguments) =>
        new(function, arguments.ToDictionary(a => a.Key, a => (object?)a.Value));
}
