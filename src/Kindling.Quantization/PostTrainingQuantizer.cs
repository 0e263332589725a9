using Kindling.Graphs;
using Kindling.Graphs.Passes;

namespace Kindling.Quantization;

/// <summary>
/// Post-training quantization after TFLite's 8-bit specification (https://ai.google.dev/edge/litert/models/quantization_spec): weights symmetric
/// for each output channel, activations asymmetric for each tensor with calibrated ranges, biases int32.
/// </summary>
public static class PostTrainingQuantizer
{
    /// <summary>Quantizes a trained float network.</summary>
    /// <param name="graph">The float network, as built or trained: folding is done here.</param>
    /// <param name="calibration">Preprocessed calibration images, <c>[k, H, W, C]</c> floats a batch. Never validation images.</param>
    /// <param name="options">Types and granularity; null takes the defaults.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <returns>The int8 network. The result depends on nothing but the arguments.</returns>
    /// <exception cref="KindlingException">An operator has no 8-bit form, there is no calibration image, or an activation is not finite.</exception>
    /// <exception cref="OperationCanceledException">The calibration was stopped.</exception>
    public static QuantizationResult Quantize(
        Graph graph, IEnumerable<ReadOnlyMemory<float>> calibration, QuantizationOptions? options = null,
        IProgress<CalibrationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(calibration);
        options ??= new QuantizationOptions();
        options.Check();
        var prepared = Passes.ForQuantization(graph);
        GraphQuantizer.CheckOperators(prepared);
        var calibrator = new Calibrator(prepared, options.RangeEstimator, options.Threads);
        calibrator.Observe(calibration, progress, cancellation);
        var ranges = calibrator.Ranges().ToDictionary();
        var seen = ranges.ToDictionary();
        // The range photos can have is known; a calibration set without a black or a white pixel must not change the input's scale.
        if (prepared.Metadata.Preprocessing is { Standardization: Standardization.None } preprocessing)
            ranges[prepared.Inputs[0]] = PixelRange(preprocessing);

        var parameters = new ScaleGroups(prepared).Assign(ranges);
        var quantized = new GraphQuantizer(prepared, parameters, options).Run();
        return new QuantizationResult(
            quantized, prepared, [.. parameters.Select(p => new QuantizedActivation(p.Key.Name, seen[p.Key], p.Value))], calibrator.Images);
    }

    private static ActivationRange PixelRange(Preprocessing preprocessing)
    {
        var ends = Enumerable.Range(0, preprocessing.Channels)
            .SelectMany(c => new[] { preprocessing.OffsetOf(c), (preprocessing.ScaleOf(c) * 255) + preprocessing.OffsetOf(c) }).ToList();
        return new ActivationRange(ends.Min(), ends.Max());
    }
}
