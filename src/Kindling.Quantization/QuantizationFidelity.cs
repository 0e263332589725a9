namespace Kindling.Quantization;

/// <summary>How near an int8 network's answers are to its float network's, over some labelled images.</summary>
/// <param name="Images">Images compared.</param>
/// <param name="FloatTop1">Share of images the float network classifies right, 0 to 1.</param>
/// <param name="Top1">Share of images the int8 network classifies right, 0 to 1.</param>
/// <param name="Agreement">Share of images on which both name the same class, 0 to 1.</param>
/// <param name="LogitSignalToNoise">
/// Power of the float network's class scores before the softmax, less their mean, over the power of the differences, in dB: a shift
/// that is the same for all classes changes no answer.
/// </param>
/// <param name="Divergence">Mean Kullback-Leibler divergence of the int8 network's class probabilities from the float network's, in nats.</param>
public sealed record QuantizationFidelity(
    int Images, double FloatTop1, double Top1, double Agreement, double LogitSignalToNoise, double Divergence);
