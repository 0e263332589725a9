using Kindling.Graphs;

namespace Kindling.Training.QuantizationAware;

/// <summary>
/// Replaces a trained constant's values by those that forward and backward pass are to see, such as their 8-bit form. The gradients go
/// to the values themselves (straight-through estimator).
/// </summary>
/// <param name="parameter">The constant.</param>
/// <param name="values">In: its values; out: what is seen.</param>
public delegate void SeenWeights(Value parameter, Span<float> values);
