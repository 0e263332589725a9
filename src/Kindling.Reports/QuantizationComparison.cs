namespace Kindling.Reports;

/// <summary>The quantization methods that a search tried, on photos that neither calibration nor evaluation uses.</summary>
/// <param name="Photos">Photos they were compared on.</param>
/// <param name="FloatTop1">Share of those photos that the float network classifies rightly, from 0 to 1.</param>
/// <param name="Methods">The methods in the order they were tried.</param>
public sealed record QuantizationComparison(int Photos, double FloatTop1, IReadOnlyList<ComparedMethod> Methods);

/// <summary>One method of quantization.</summary>
/// <param name="Name">Its name: <c>mse + bias-correction</c>.</param>
/// <param name="IsChosen">True for the method whose int8 network was kept.</param>
/// <param name="Top1">Share of photos the int8 network classifies rightly, from 0 to 1.</param>
/// <param name="Agreement">Share of photos on which float and int8 name the same class, from 0 to 1.</param>
/// <param name="Divergence">Mean Kullback-Leibler divergence of int8's class probabilities from float's, in nats.</param>
/// <param name="ScoresSignalToNoise">Signal-to-noise ratio of the class scores before the softmax, in dB.</param>
/// <param name="Seconds">Time it took.</param>
public sealed record ComparedMethod(
    string Name, bool IsChosen, double Top1, double Agreement, double Divergence, double ScoresSignalToNoise, double Seconds);
