namespace Kindling.Quantization.Estimators;

/// <summary>The smallest and largest value an activation is to represent.</summary>
/// <param name="Min">Smallest value.</param>
/// <param name="Max">Largest value.</param>
public readonly record struct ActivationRange(float Min, float Max)
{
    /// <summary>The range that holds both.</summary>
    public ActivationRange Union(ActivationRange other) => new(Math.Min(Min, other.Min), Math.Max(Max, other.Max));
}
