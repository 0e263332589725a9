using Kindling.Graphs;

namespace Kindling.Quantization;

/// <summary>
/// Post-training quantization after TFLite's 8-bit specification (https://ai.google.dev/edge/litert/models/quantization_spec): weights symmetric
/// for each output channel, activations asymmetric for each tensor with calibrated ranges, biases int32.
/// </summary>
public static class PostTrainingQuantizer
{
    /// <summary>Quantizes a trained float network.</summary>
    /// <param name="graph">The float network, as built or trained: folding is done here.</param>
    /// <param name="calibration">
    /// Preprocessed calibration images, <c>[k, H, W, C]</c> floats a batch; gone through more than once by some options, always with the
    /// same images. Never validation images.
    /// </param>
    /// <param name="options">Types, granularity and methods; null takes the defaults.</param>
    /// <param name="progress">Told after each batch and before each layer that is tuned.</param>
    /// <param name="cancellation">Stops between batches and layers.</param>
    /// <returns>The int8 network. The result depends on nothing but the arguments.</returns>
    /// <exception cref="KindlingException">An operator has no 8-bit form, there is no calibration image, or an activation is not finite.</exception>
    /// <exception cref="OperationCanceledException">The calibration was stopped.</exception>
    public static QuantizationResult Quantize(
        Graph graph, IEnumerable<ReadOnlyMemory<float>> calibration, QuantizationOptions? options = null,
        IProgress<QuantizationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(calibration);
        return new QuantizationSession(graph, calibration, progress, cancellation).Quantize(options ?? new QuantizationOptions());
    }
}
