using System.Diagnostics;
using System.Globalization;
using Kindling.Graphs;
using Kindling.Quantization.Estimators;

namespace Kindling.Quantization;

/// <summary>
/// Tries the cheap methods and keeps the best: every calibration method, then on the best of them bias correction, equalization and
/// adaptive rounding, one after the other, each kept only when it helps; then all of them together, equalization that favours activations, and
/// split channels where the options have them. What helps is judged on labelled images that calibration did
/// not see, by the Kullback-Leibler divergence of the int8 network's class probabilities from the float network's: a few hundred images
/// tell top-1 apart to one point at best, while the divergence ranks methods as it does on images that training has not seen.
/// </summary>
public static class QuantizationSearch
{
    // A smaller share of the divergence than this is noise, and the simpler method stays.
    private const double LeastGain = 0.03;

    // Adaptive rounding takes care of weights, so activations may have more of the range than the even balance gives them.
    private static readonly float[] Balances = [0.7f, 0.85f];

    /// <summary>Searches.</summary>
    /// <param name="graph">The float network, as built or trained.</param>
    /// <param name="calibration">Images to calibrate and tune on; gone through several times.</param>
    /// <param name="heldOut">Other training images with labels, to judge by. Never validation images.</param>
    /// <param name="options">Types, granularity and threads; the methods are the search's own.</param>
    /// <param name="progress">Told before each method, and by it.</param>
    /// <param name="cancellation">Stops between batches and layers.</param>
    /// <exception cref="KindlingException">As <see cref="PostTrainingQuantizer.Quantize"/>, or there is no held-out image.</exception>
    public static QuantizationSearchResult Run(
        Graph graph, IEnumerable<ReadOnlyMemory<float>> calibration, IEnumerable<LabelledImages> heldOut, QuantizationOptions? options = null,
        IProgress<QuantizationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(calibration);
        ArgumentNullException.ThrowIfNull(heldOut);
        var splitting = options?.Splitting;
        options = (options ?? new QuantizationOptions()) with { Equalize = false, BiasCorrection = false, AdaptiveRounding = false, Splitting = null };
        var session = new QuantizationSession(graph, calibration, progress, cancellation) { NeedsAll = true };
        var meter = new FidelityMeter(graph, heldOut, options.Threads);
        var trials = new List<QuantizationTrial>();
        QuantizationResult? best = null;
        var chosen = -1;

        Try("tflite", options with { RangeEstimator = new MinMaxEstimator(), CompensateInputZeroPoint = false, NarrowScores = false });
        foreach (var method in Enum.GetValues<CalibrationMethod>())
            Try(method.Name(), options with { RangeEstimator = method.Estimator() });
        Refine("bias-correction", o => o with { BiasCorrection = true });
        Refine("equalize", o => o with { Equalize = true });
        Refine("adaround", o => o with { AdaptiveRounding = true });
        // What helps alone may not lead to what helps together.
        if (trials[^1].Options is not { Equalize: true, RangeEstimator: MeanSquaredErrorEstimator })
            Try("adaptive", options with { RangeEstimator = new MeanSquaredErrorEstimator(), Equalize = true, BiasCorrection = true, AdaptiveRounding = true });
        var (name, settings) = (trials[chosen].Method, trials[chosen].Options);
        foreach (var balance in Balances.Where(_ => settings.Equalize))
            Try(string.Create(CultureInfo.InvariantCulture, $"{name} + balance {balance}"), settings with { EqualizationBalance = balance });
        if (splitting is not null)
            Refine("split channels", o => o with { Splitting = splitting });
        return new QuantizationSearchResult(best!, chosen, trials);

        void Refine(string name, Func<QuantizationOptions, QuantizationOptions> change) =>
            Try($"{trials[chosen].Method} + {name}", change(trials[chosen].Options));

        void Try(string name, QuantizationOptions candidate)
        {
            progress?.Report(new QuantizationProgress($"trying {name}", 0));
            var start = Stopwatch.GetTimestamp();
            var result = session.Quantize(candidate);
            var fidelity = meter.Measure(result.Graph, cancellation);
            trials.Add(new QuantizationTrial(name, candidate, fidelity, Stopwatch.GetElapsedTime(start).TotalSeconds));
            if (chosen >= 0 && fidelity.Divergence > trials[chosen].Fidelity.Divergence * (1 - LeastGain))
                return;
            (best, chosen) = (result, trials.Count - 1);
        }
    }
}
