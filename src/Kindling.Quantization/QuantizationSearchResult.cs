namespace Kindling.Quantization;

/// <summary>What a search for the best method found.</summary>
/// <param name="Best">The int8 network of the method chosen.</param>
/// <param name="Chosen">Its index among the trials.</param>
/// <param name="Trials">All methods tried, in their order; the first is TFLite's own.</param>
public sealed record QuantizationSearchResult(QuantizationResult Best, int Chosen, IReadOnlyList<QuantizationTrial> Trials);

/// <summary>A method and what came of it.</summary>
/// <param name="Method">Its name: <c>mse + bias-correction</c>.</param>
/// <param name="Options">Its options.</param>
/// <param name="Fidelity">How near the int8 network is to the float network on the held-out images.</param>
/// <param name="Seconds">Time it took, the comparison included; calibration counts for the first method that needed it.</param>
public sealed record QuantizationTrial(string Method, QuantizationOptions Options, QuantizationFidelity Fidelity, double Seconds);
